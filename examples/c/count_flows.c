/* Counts the packets and bytes of each flow of a tap, and prints the largest at the end:
 *
 *   cc -O2 -I../../include count_flows.c -o count_flows && ./count_flows eth0
 *
 * A flow is known by its hash, which the tap has put beside each packet: the same in both directions, so nothing has to be
 * parsed. The table has a fixed size, and nothing is allocated. */
#define PKTTAP_CONSUMER
#include <pkttap.h>
#include <signal.h>

#define SLOTS 65536u
#define SHOWN 10

struct flow {
  uint32_t hash;
  uint64_t packets, bytes;
};

static struct flow flows[SLOTS];
static uint64_t not_counted;
static volatile sig_atomic_t stopped;

static void stop(int signal) { stopped = signal; }

/* Linear probing, at most a few steps: who finds no place is counted as such. */
static struct flow *find(uint32_t hash) {
  for (uint32_t step = 0; step < 64; step++) {
    struct flow *flow = &flows[(hash + step) % SLOTS];
    if (flow->packets == 0 || flow->hash == hash) return flow;
  }
  return NULL;
}

static void count(const struct pkttap_packet *packet) {
  struct flow *flow = find(packet->flow_hash);
  if (flow == NULL) {
    not_counted++;
    return;
  }
  flow->hash = packet->flow_hash;
  flow->packets++;
  flow->bytes += packet->origlen;
}

static int larger_first(const void *one, const void *other) {
  const struct flow *a = (const struct flow *)one, *b = (const struct flow *)other;
  if (a->packets != b->packets) return a->packets < b->packets ? 1 : -1;
  return a->hash < b->hash ? -1 : a->hash > b->hash;
}

static void report(const struct pkttap_consumer *consumer) {
  size_t count = 0;
  qsort(flows, SLOTS, sizeof *flows, larger_first);
  while (count < SLOTS && flows[count].packets > 0) count++;
  for (size_t i = 0; i < count && i < SHOWN; i++)
    printf("flow %08x packets %llu bytes %llu\n", flows[i].hash, (unsigned long long)flows[i].packets,
           (unsigned long long)flows[i].bytes);
  printf("%zu flows, %llu packets, %llu missed, %llu not counted\n", count, (unsigned long long)pkttap_delivered(consumer),
         (unsigned long long)pkttap_missed(consumer), (unsigned long long)not_counted);
}

/* Until the tap ends, or somebody presses ^C: a signal makes pkttap_next() return 0. */
static void read_all(struct pkttap_consumer *consumer) {
  struct pkttap_packet packet;
  int got;
  while (!stopped && (got = pkttap_next(consumer, &packet, -1)) >= 0) {
    if (got == 0) continue;
    count(&packet);
    pkttap_release(consumer);
  }
}

int main(int argc, char **argv) {
  static struct pkttap_consumer consumer;
  int failed;
  if (argc != 2) {
    fprintf(stderr, "usage: count_flows TAP\n");
    return 2;
  }
  if (pkttap_attach(&consumer, argv[1], NULL) != 0) {
    fprintf(stderr, "count_flows: %s\n", consumer.error.message);
    return 1;
  }
  signal(SIGINT, stop);
  read_all(&consumer);
  report(&consumer);
  failed = consumer.end == PKTTAP_END_FAILED;
  if (failed) fprintf(stderr, "count_flows: %s\n", consumer.error.message);
  pkttap_detach(&consumer);
  return failed;
}
