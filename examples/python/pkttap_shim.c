/* The functions of pkttap.h, which are inline, as functions of a shared object, for whatever can load one:
 *
 *   cc -O2 -shared -fPIC -I../../include pkttap_shim.c -o libpkttap_shim.so */
#define PKTTAP_CONSUMER
#include <pkttap.h>

/* Never NULL but for want of memory. Its error says whether it is attached; shim_detach() ends it either way. */
struct pkttap_consumer *shim_attach(const char *tap) {
  struct pkttap_consumer *consumer = (struct pkttap_consumer *)calloc(1, sizeof *consumer);
  if (consumer != NULL) pkttap_attach(consumer, tap, NULL);
  return consumer;
}

int shim_next(struct pkttap_consumer *consumer, struct pkttap_packet *packet, int timeout_ms) {
  return pkttap_next(consumer, packet, timeout_ms);
}

void shim_release(struct pkttap_consumer *consumer) { pkttap_release(consumer); }

unsigned long long shim_missed(const struct pkttap_consumer *consumer) { return pkttap_missed(consumer); }

/* Empty, unless attaching failed or the stream ended badly. */
const char *shim_error(const struct pkttap_consumer *consumer) { return consumer->error.message; }

void shim_detach(struct pkttap_consumer *consumer) {
  pkttap_detach(consumer);
  free(consumer);
}
