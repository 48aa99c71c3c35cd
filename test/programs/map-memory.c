/* Maps descriptor 3 as a consumer in C does, map-memory ring|cursor, and says why not. */
#define PKTTAP_CONSUMER
#include <pkttap.h>

int main(int argc, char **argv) {
  static struct pkttap_lane lane;
  static struct pkttap_error error;
  const int is_ring = argc > 1 && strcmp(argv[1], "ring") == 0;
  const int failed = is_ring ? pkttap_detail_map_ring(3, &lane, &error) : pkttap_detail_map_cursor(3, &lane, &error);
  printf("%s", failed ? error.message : "");
  pkttap_detail_unmap(&lane);
  return 0;
}
