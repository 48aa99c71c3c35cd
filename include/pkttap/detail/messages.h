/* What a tap says, as far as a consumer needs it (docs/protocol.md): kept in a struct of fixed size, whatever comes. What is not
 * known is stepped over, so that a tap may say more than it does today. */
#ifndef PKTTAP_DETAIL_MESSAGES_H
#define PKTTAP_DETAIL_MESSAGES_H

#define PKTTAP_DETAIL_MESSAGE_BYTES 16384u

#include "messagepack.h"

/* What a tap says, as far as we understand it. What is not there is 0 or empty. */
struct pkttap_detail_message {
  char type[16], code[32], text[256], reason[16], policy[16];
  uint64_t version;
  uint64_t member, epoch; /* of a share group's member */
  uint32_t lanes; /* of a welcome; or, of positions alone, where a member that leaves has no more */
  uint64_t position[PKTTAP_MAX_LANES], sequence[PKTTAP_MAX_LANES];
};

/* As much of a text as there is room for. */
static inline void pkttap_detail_keep(const struct pkttap_detail_value *value, char *text, size_t room) {
  const size_t length = value->number < room ? (size_t)value->number : room - 1;
  memcpy(text, value->text, length);
  text[length] = '\0';
}

static inline void pkttap_detail_keep_field(const struct pkttap_detail_value *key,
                                            const struct pkttap_detail_value *value,
                                            struct pkttap_detail_message *message) {
  if (value->kind == PKTTAP_DETAIL_NUMBER && pkttap_detail_is(key, "version")) message->version = value->number;
  if (value->kind == PKTTAP_DETAIL_NUMBER && pkttap_detail_is(key, "member")) message->member = value->number;
  if (value->kind == PKTTAP_DETAIL_NUMBER && pkttap_detail_is(key, "epoch")) message->epoch = value->number;
  if (value->kind != PKTTAP_DETAIL_TEXT) return;
  if (pkttap_detail_is(key, "type")) pkttap_detail_keep(value, message->type, sizeof message->type);
  if (pkttap_detail_is(key, "code")) pkttap_detail_keep(value, message->code, sizeof message->code);
  if (pkttap_detail_is(key, "message")) pkttap_detail_keep(value, message->text, sizeof message->text);
  if (pkttap_detail_is(key, "reason")) pkttap_detail_keep(value, message->reason, sizeof message->reason);
  if (pkttap_detail_is(key, "policy")) pkttap_detail_keep(value, message->policy, sizeof message->policy);
}

/* A lane's map: position and sequence, both of which must be there. */
static inline int pkttap_detail_read_lane(struct pkttap_detail_input *input, uint64_t *position, uint64_t *sequence) {
  struct pkttap_detail_value map, key, value;
  unsigned found = 0;
  if (pkttap_detail_read(input, &map) != 0 || map.kind != PKTTAP_DETAIL_MAP) return -1;
  for (; map.number > 0; map.number--) {
    if (pkttap_detail_read(input, &key) != 0 || pkttap_detail_skip_inside(input, &key) != 0) return -1;
    if (pkttap_detail_read(input, &value) != 0 || pkttap_detail_skip_inside(input, &value) != 0) return -1;
    if (value.kind != PKTTAP_DETAIL_NUMBER) continue;
    if (pkttap_detail_is(&key, "position")) *position = value.number, found |= 1;
    if (pkttap_detail_is(&key, "sequence")) *sequence = value.number, found |= 2;
  }
  return found == 3 ? 0 : -1;
}

/* Positions, one for each lane. */
static inline int pkttap_detail_read_ends(struct pkttap_detail_input *input, uint64_t count,
                                          struct pkttap_detail_message *message) {
  struct pkttap_detail_value value;
  if (count > PKTTAP_MAX_LANES) return -1;
  for (message->lanes = 0; message->lanes < count; message->lanes++) {
    if (pkttap_detail_read(input, &value) != 0 || value.kind != PKTTAP_DETAIL_NUMBER) return -1;
    message->position[message->lanes] = value.number;
  }
  return 0;
}

/* The entries of the message (inside: 0), of the session inside it (1), and of the share inside that (2). */
static inline int pkttap_detail_read_entries(struct pkttap_detail_input *input, uint64_t entries, int inside,
                                             struct pkttap_detail_message *message) {
  static const char *const deeper[] = {"session", "share", ""};
  struct pkttap_detail_value key, value;
  for (; entries > 0; entries--) {
    if (pkttap_detail_read(input, &key) != 0 || key.kind != PKTTAP_DETAIL_TEXT) return -1;
    if (pkttap_detail_read(input, &value) != 0) return -1;
    if (inside < 2 && value.kind == PKTTAP_DETAIL_MAP && pkttap_detail_is(&key, deeper[inside])) {
      if (pkttap_detail_read_entries(input, value.number, inside + 1, message) != 0) return -1;
    } else if (inside == 1 && value.kind == PKTTAP_DETAIL_ARRAY && pkttap_detail_is(&key, "lanes")) {
      if (value.number > PKTTAP_MAX_LANES) return -1;
      for (message->lanes = 0; message->lanes < value.number; message->lanes++)
        if (pkttap_detail_read_lane(input, &message->position[message->lanes], &message->sequence[message->lanes]) != 0)
          return -1;
    } else if (inside == 0 && value.kind == PKTTAP_DETAIL_ARRAY && pkttap_detail_is(&key, "ends")) {
      if (pkttap_detail_read_ends(input, value.number, message) != 0) return -1;
    } else {
      pkttap_detail_keep_field(&key, &value, message);
      if (pkttap_detail_skip_inside(input, &value) != 0) return -1;
    }
  }
  return 0;
}

/* -1 for what is no message at all. */
static inline int pkttap_detail_decode(const uint8_t *bytes, size_t length, struct pkttap_detail_message *message) {
  struct pkttap_detail_input input;
  struct pkttap_detail_value map;
  input.at = bytes;
  input.end = bytes + length;
  memset(message, 0, sizeof *message);
  if (pkttap_detail_read(&input, &map) != 0 || map.kind != PKTTAP_DETAIL_MAP) return -1;
  return pkttap_detail_read_entries(&input, map.number, 0, message);
}

#endif /* PKTTAP_DETAIL_MESSAGES_H */
