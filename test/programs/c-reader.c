/* The reader of pkttap.h as a module for Node, for the conformance suite: it reads the same memory as the readers in TypeScript,
 * in the same process, so that the same tests can drive it. */
#define PKTTAP_CONSUMER
#include <pkttap.h>

#include <node_api.h>

#define MAX_ARGUMENTS 4

static void check(napi_env env, int condition, const char *what) {
  if (!condition) napi_fatal_error("c-reader", NAPI_AUTO_LENGTH, what, NAPI_AUTO_LENGTH);
  (void)env;
}

static void take_arguments(napi_env env, napi_callback_info info, napi_value arguments[MAX_ARGUMENTS]) {
  size_t count = MAX_ARGUMENTS;
  check(env, napi_get_cb_info(env, info, &count, arguments, NULL, NULL) == napi_ok, "arguments");
}

static uint64_t take_bigint(napi_env env, napi_value value) {
  uint64_t number = 0;
  bool is_exact = false;
  check(env, napi_get_value_bigint_uint64(env, value, &number, &is_exact) == napi_ok && is_exact, "not a 64-bit number");
  return number;
}

static void *take_buffer(napi_env env, napi_value value, size_t *bytes) {
  void *memory = NULL;
  check(env, napi_get_arraybuffer_info(env, value, &memory, bytes) == napi_ok, "not an ArrayBuffer");
  return memory;
}

static struct pkttap_consumer *take_reader(napi_env env, napi_value value) {
  void *reader = NULL;
  check(env, napi_get_value_external(env, value, &reader) == napi_ok, "not a reader");
  return (struct pkttap_consumer *)reader;
}

static void free_reader(napi_env env, void *reader, void *hint) {
  (void)env;
  (void)hint;
  free(reader);
}

/* open(ring: ArrayBuffer, cursor: ArrayBuffer, position: bigint, sequence: bigint): a reader, without a tap behind it. The
 * caller keeps the buffers. */
static napi_value open_reader(napi_env env, napi_callback_info info) {
  napi_value arguments[MAX_ARGUMENTS], result;
  size_t ring_bytes = 0, cursor_bytes = 0;
  struct pkttap_consumer *reader = (struct pkttap_consumer *)calloc(1, sizeof *reader);
  struct pkttap_lane *lane = &reader->lanes[0];
  const struct pkttap_ring_header *header;
  take_arguments(env, info, arguments);
  header = (const struct pkttap_ring_header *)take_buffer(env, arguments[0], &ring_bytes);
  lane->cursor = (struct pkttap_cursor *)take_buffer(env, arguments[1], &cursor_bytes);
  check(env, ring_bytes > sizeof *header && cursor_bytes == sizeof *lane->cursor, "too small");
  check(env, pkttap_detail_ring_problem(header, ring_bytes - header->capacity) == NULL, "not a ring");
  pkttap_detail_lay_out(lane, (const uint8_t *)header, header);
  pkttap_detail_begin(lane, take_bigint(env, arguments[2]), take_bigint(env, arguments[3]));
  reader->lane_count = 1;
  reader->fd = -1;
  check(env, napi_create_external(env, reader, free_reader, NULL, &result) == napi_ok, "external");
  return result;
}

/* next(reader, data: ArrayBuffer, fields: ArrayBuffer): 1, with a copy of the packet's bytes and nine uint64 fields; 0: there
 * is none now; -1: the ring contradicts itself. */
static napi_value next_packet(napi_env env, napi_callback_info info) {
  napi_value arguments[MAX_ARGUMENTS], result;
  struct pkttap_packet packet;
  size_t room = 0, fields_room = 0;
  uint8_t *data;
  uint64_t *fields;
  int got;
  take_arguments(env, info, arguments);
  data = (uint8_t *)take_buffer(env, arguments[1], &room);
  fields = (uint64_t *)take_buffer(env, arguments[2], &fields_room);
  check(env, room >= PKTTAP_MAX_CAPLEN && fields_room >= 9 * sizeof *fields, "no room");
  memset(&packet, 0, sizeof packet);
  got = pkttap_detail_take(take_reader(env, arguments[0]), &packet);
  if (got > 0) {
    const uint64_t all[] = {packet.caplen,          packet.origlen,   packet.ts_ns, packet.sequence, packet.flags,
                            packet.interface_index, packet.flow_hash, packet.linktype, packet.position};
    memcpy(fields, all, sizeof all);
    memcpy(data, packet.data, packet.caplen);
  }
  check(env, napi_create_int32(env, got, &result) == napi_ok, "number");
  return result;
}

static napi_value release_packets(napi_env env, napi_callback_info info) {
  napi_value arguments[MAX_ARGUMENTS];
  take_arguments(env, info, arguments);
  pkttap_release(take_reader(env, arguments[0]));
  return NULL;
}

/* isIntact(reader, position: bigint): boolean. */
static napi_value is_intact(napi_env env, napi_callback_info info) {
  napi_value arguments[MAX_ARGUMENTS], result;
  struct pkttap_packet packet;
  memset(&packet, 0, sizeof packet);
  take_arguments(env, info, arguments);
  packet.position = take_bigint(env, arguments[1]);
  check(env, napi_get_boolean(env, pkttap_is_intact(take_reader(env, arguments[0]), &packet) != 0, &result) == napi_ok, "boolean");
  return result;
}

/* counters(reader, fields: ArrayBuffer): delivered, missed and lag, each a uint64. */
static napi_value counters(napi_env env, napi_callback_info info) {
  napi_value arguments[MAX_ARGUMENTS];
  const struct pkttap_consumer *reader;
  size_t room = 0;
  uint64_t *fields;
  take_arguments(env, info, arguments);
  reader = take_reader(env, arguments[0]);
  fields = (uint64_t *)take_buffer(env, arguments[1], &room);
  check(env, room >= 3 * sizeof *fields, "no room");
  fields[0] = pkttap_delivered(reader);
  fields[1] = pkttap_missed(reader);
  fields[2] = pkttap_lag(reader);
  return NULL;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"open", NULL, open_reader, NULL, NULL, NULL, napi_default, NULL},
      {"next", NULL, next_packet, NULL, NULL, NULL, napi_default, NULL},
      {"release", NULL, release_packets, NULL, NULL, NULL, napi_default, NULL},
      {"isIntact", NULL, is_intact, NULL, NULL, NULL, napi_default, NULL},
      {"counters", NULL, counters, NULL, NULL, NULL, napi_default, NULL},
  };
  check(env, napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions) == napi_ok, "exports");
  return exports;
}
