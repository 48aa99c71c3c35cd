/* A consumer in C in a process of its own: consume TAP [lossless|lossy] [now|oldest] [HOLD] [GROUP|INDEX/OF].
 * Says `attached`; with HOLD, `holding` after that many packets, which it has not released, and waits for a line on standard
 * input; if that is `leave`, it then leaves. At the end a line of JSON: a digest of all that it was told of each packet, which digest.js makes as well, its counts, and how the stream ended. */
#define PKTTAP_CONSUMER
#include <pkttap.h>

struct report {
  unsigned long long packets, torn;
  uint32_t digest, first;
};

static void mix(uint32_t *digest, uint32_t value) {
  *digest = (*digest ^ value) * 0x01000193u;
  *digest ^= *digest >> 15;
}

static uint32_t digest_of(const struct pkttap_packet *packet) {
  const uint32_t fields[] = {packet->caplen,
                             packet->origlen,
                             (uint32_t)(packet->ts_ns / 1000000000u),
                             (uint32_t)(packet->ts_ns % 1000000000u),
                             packet->linktype,
                             packet->interface_index,
                             packet->flow_hash,
                             packet->flags,
                             (uint32_t)packet->sequence};
  uint32_t digest = 0x811c9dc5u;
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) mix(&digest, fields[i]);
  for (uint32_t i = 0; i < packet->caplen; i++) mix(&digest, packet->data[i]);
  return digest;
}

static void look_at(const struct pkttap_consumer *consumer, const struct pkttap_packet *packet, struct report *report) {
  const uint32_t digest = digest_of(packet);
  if (report->packets++ == 0) report->first = (uint32_t)packet->sequence;
  /* What was overwritten under our eyes may look like anything, and is not to be believed. */
  if (pkttap_is_intact(consumer, packet)) report->digest += digest;
  else report->torn++;
}

static void hold(struct pkttap_consumer *consumer) {
  char line[16];
  printf("holding\n");
  fflush(stdout);
  if (fgets(line, sizeof line, stdin) == NULL) printf("nobody let go\n");
  else if (strcmp(line, "leave\n") == 0) pkttap_leave(consumer);
}

static void read_all(struct pkttap_consumer *consumer, unsigned long long held, struct report *report) {
  struct pkttap_packet packet;
  int got;
  while ((got = pkttap_next(consumer, &packet, -1)) >= 0) {
    if (got == 0) continue;
    look_at(consumer, &packet, report);
    if (report->packets == held) hold(consumer);
    if (report->packets >= held) pkttap_release(consumer);
  }
}

static int open_fds(void) {
  int open = 0;
  for (int fd = 0; fd < 1024; fd++) open += fcntl(fd, F_GETFD) >= 0;
  return open;
}

static void print(const struct pkttap_consumer *consumer, const struct report *report) {
  static const char *const ends[] = {"none", "finished", "stopped", "failed", "left"};
  printf("{\"digest\":%u,\"packets\":%llu,\"torn\":%llu,\"first\":%u", report->digest, report->packets, report->torn,
         report->first);
  printf(",\"delivered\":%llu,\"filtered\":%llu,\"missed\":%llu,\"lag\":%llu",
         (unsigned long long)pkttap_delivered(consumer), (unsigned long long)pkttap_filtered(consumer),
         (unsigned long long)pkttap_missed(consumer), (unsigned long long)pkttap_lag(consumer));
  printf(",\"end\":\"%s\",\"policy\":\"%s\"", ends[consumer->end],
         consumer->policy == PKTTAP_POLICY_LOSSLESS ? "lossless" : "lossy");
  printf(",\"code\":\"%s\",\"message\":\"%s\"", consumer->error.code, consumer->error.message);
}

int main(int argc, char **argv) {
  static struct pkttap_consumer consumer;
  static struct pkttap_options options;
  struct report report = {0, 0, 0, 0};
  const int fds = open_fds();
  if (argc > 2) options.policy = strcmp(argv[2], "lossless") == 0 ? PKTTAP_POLICY_LOSSLESS : PKTTAP_POLICY_LOSSY;
  if (argc > 3) options.start = strcmp(argv[3], "oldest") == 0 ? PKTTAP_START_OLDEST : PKTTAP_START_NOW;
  if (argc > 5 && sscanf(argv[5], "%u/%u", &options.share_index, &options.share_of) != 2) options.share = argv[5];
  options.name = "in C";
  options.timeout_ms = 60000;
  if (pkttap_attach(&consumer, argv[1], &options) == 0) {
    printf("attached\n");
    fflush(stdout);
    read_all(&consumer, argc > 4 ? strtoull(argv[4], NULL, 10) : 0, &report);
  }
  print(&consumer, &report);
  if (consumer.lane_count > 0) pkttap_detach(&consumer);
  printf(",\"leaked\":%d}\n", open_fds() - fds);
  return 0;
}
