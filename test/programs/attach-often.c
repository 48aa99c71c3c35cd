/* Attaches and leaves, time after time, in C: attach-often TAP TIMES. A line of JSON: what it has more of than after the first. */
#define PKTTAP_CONSUMER
#include <pkttap.h>

struct resources {
  int fds, maps;
};

static struct resources count(void) {
  struct resources found = {0, 0};
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "r");
  for (int fd = 0; fd < 1024; fd++) found.fds += fcntl(fd, F_GETFD) >= 0;
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) found.maps++;
  if (maps != NULL) fclose(maps);
  return found;
}

static int attach_and_leave(const char *tap) {
  static struct pkttap_consumer consumer;
  struct pkttap_options options;
  struct pkttap_packet packet;
  int got;
  memset(&options, 0, sizeof options);
  options.start = PKTTAP_START_OLDEST;
  options.policy = PKTTAP_POLICY_LOSSY;
  options.timeout_ms = 60000;
  if (pkttap_attach(&consumer, tap, &options) != 0) return fprintf(stderr, "%s\n", consumer.error.message), -1;
  got = pkttap_next(&consumer, &packet, -1);
  pkttap_detach(&consumer);
  return got == 1 ? 0 : -1;
}

int main(int argc, char **argv) {
  const int times = argc > 2 ? atoi(argv[2]) : 0;
  struct resources before, after;
  if (attach_and_leave(argv[1]) != 0) return 1;
  before = count();
  for (int i = 0; i < times; i++)
    if (attach_and_leave(argv[1]) != 0) return 1;
  after = count();
  printf("{\"fds\":%d,\"maps\":%d}\n", after.fds - before.fds, after.maps - before.maps);
  return 0;
}
