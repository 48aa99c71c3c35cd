/* Maps descriptor 3 as a consumer in C does, map-memory ring|cursor|shares, and says why not. */
#define PKTTAP_CONSUMER
#include <pkttap.h>

static int map(const char *kind, struct pkttap_consumer *consumer) {
  struct pkttap_lane *lane = &consumer->lanes[0];
  if (strcmp(kind, "ring") == 0) return pkttap_detail_map_ring(3, lane, &consumer->error);
  if (strcmp(kind, "cursor") == 0) return pkttap_detail_map_cursor(3, lane, &consumer->error);
  return pkttap_detail_map_shares(3, consumer);
}

int main(int argc, char **argv) {
  static struct pkttap_consumer consumer;
  const int failed = map(argc > 1 ? argv[1] : "", &consumer);
  printf("%s", failed ? consumer.error.message : "");
  pkttap_detail_unmap(&consumer.lanes[0]);
  pkttap_detail_unmap_shares(&consumer);
  return 0;
}
