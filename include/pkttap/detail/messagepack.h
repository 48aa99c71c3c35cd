/* MessagePack, as little of it as the control protocol needs: a writer of maps of texts and small numbers, and a reader that
 * takes nothing from outside the message, allocates nothing and does not recurse. */
#ifndef PKTTAP_DETAIL_MESSAGEPACK_H
#define PKTTAP_DETAIL_MESSAGEPACK_H

/* A message that is being written; all of ours fit. */
struct pkttap_detail_output {
  uint8_t bytes[512];
  size_t length;
};

static inline void pkttap_detail_put_byte(struct pkttap_detail_output *output, unsigned byte) {
  if (output->length < sizeof output->bytes) output->bytes[output->length++] = (uint8_t)byte;
}

static inline void pkttap_detail_put_map(struct pkttap_detail_output *output, unsigned entries) {
  pkttap_detail_put_byte(output, 0x80u | entries);
}

/* At most 255 bytes of it. */
static inline void pkttap_detail_put_text(struct pkttap_detail_output *output, const char *text) {
  const size_t length = strlen(text) > 255 ? 255 : strlen(text);
  size_t i;
  pkttap_detail_put_byte(output, 0xd9);
  pkttap_detail_put_byte(output, (unsigned)length);
  for (i = 0; i < length; i++) pkttap_detail_put_byte(output, (uint8_t)text[i]);
}

static inline void pkttap_detail_put_field(struct pkttap_detail_output *output, const char *key, const char *value) {
  pkttap_detail_put_text(output, key);
  pkttap_detail_put_text(output, value);
}

/* Bytes that are not read yet. */
struct pkttap_detail_input {
  const uint8_t *at, *end;
};

enum pkttap_detail_kind {
  PKTTAP_DETAIL_NUMBER, /* from 0 to 2^64 - 1 */
  PKTTAP_DETAIL_TEXT,   /* `number` bytes at `text` */
  PKTTAP_DETAIL_ARRAY,  /* `number` values follow */
  PKTTAP_DETAIL_MAP,    /* twice as many */
  PKTTAP_DETAIL_OTHER   /* nothing that we need; stepped over */
};

struct pkttap_detail_value {
  enum pkttap_detail_kind kind;
  uint64_t number;
  const char *text;
};

static inline int pkttap_detail_skip(struct pkttap_detail_input *input, uint64_t bytes) {
  if (bytes > (uint64_t)(input->end - input->at)) return -1;
  input->at += bytes;
  return 0;
}

/* A number of 1, 2, 4 or 8 bytes, the highest first. */
static inline int pkttap_detail_read_number(struct pkttap_detail_input *input, unsigned bytes, uint64_t *number) {
  const uint8_t *at = input->at;
  unsigned i;
  if (pkttap_detail_skip(input, bytes) != 0) return -1;
  for (*number = 0, i = 0; i < bytes; i++) *number = *number << 8 | at[i];
  return 0;
}

/* Of a kind with a length: its length, of 1 << shift bytes, and for a text its bytes. */
static inline int pkttap_detail_read_sized(struct pkttap_detail_input *input, unsigned shift,
                                           enum pkttap_detail_kind kind, uint64_t extra,
                                           struct pkttap_detail_value *value) {
  value->kind = kind;
  if (pkttap_detail_read_number(input, 1u << shift, &value->number) != 0) return -1;
  value->text = (const char *)input->at;
  if (kind == PKTTAP_DETAIL_ARRAY || kind == PKTTAP_DETAIL_MAP) return 0;
  return pkttap_detail_skip(input, value->number + extra);
}

/* The next value, of an array or a map its beginning. The format's bytes: https://github.com/msgpack/msgpack/blob/master/spec.md */
static inline int pkttap_detail_read(struct pkttap_detail_input *input, struct pkttap_detail_value *value) {
  uint64_t first;
  unsigned byte;
  if (pkttap_detail_read_number(input, 1, &first) != 0) return -1;
  byte = (unsigned)first;
  value->kind = PKTTAP_DETAIL_OTHER;
  value->number = 0;
  value->text = (const char *)input->at;
  if (byte <= 0x7f) return value->kind = PKTTAP_DETAIL_NUMBER, value->number = byte, 0;
  if (byte <= 0x8f) return value->kind = PKTTAP_DETAIL_MAP, value->number = byte & 15u, 0;
  if (byte <= 0x9f) return value->kind = PKTTAP_DETAIL_ARRAY, value->number = byte & 15u, 0;
  if (byte <= 0xbf) {
    value->kind = PKTTAP_DETAIL_TEXT;
    value->number = byte & 31u;
    return pkttap_detail_skip(input, value->number);
  }
  if (byte == 0xc1) return -1;
  if (byte <= 0xc3 || byte >= 0xe0) return 0;
  if (byte <= 0xc6) return pkttap_detail_read_sized(input, byte - 0xc4, PKTTAP_DETAIL_OTHER, 0, value);
  if (byte <= 0xc9) return pkttap_detail_read_sized(input, byte - 0xc7, PKTTAP_DETAIL_OTHER, 1, value);
  if (byte <= 0xcb) return pkttap_detail_skip(input, byte == 0xca ? 4 : 8);
  if (byte <= 0xd3) {
    if (pkttap_detail_read_number(input, 1u << (byte & 3u), &value->number) != 0) return -1;
    /* Signed ones of the highest bit are negative: of no use to us. */
    if (byte < 0xd0 || (value->number >> ((8u << (byte & 3u)) - 1)) == 0) value->kind = PKTTAP_DETAIL_NUMBER;
    return 0;
  }
  if (byte <= 0xd8) return pkttap_detail_skip(input, (1u << (byte - 0xd4)) + UINT64_C(1));
  if (byte <= 0xdb) return pkttap_detail_read_sized(input, byte - 0xd9, PKTTAP_DETAIL_TEXT, 0, value);
  if (byte <= 0xdd) return pkttap_detail_read_sized(input, byte - 0xdb, PKTTAP_DETAIL_ARRAY, 0, value);
  return pkttap_detail_read_sized(input, byte - 0xdd, PKTTAP_DETAIL_MAP, 0, value);
}

static inline uint64_t pkttap_detail_children(const struct pkttap_detail_value *value) {
  if (value->kind == PKTTAP_DETAIL_MAP) return 2 * value->number;
  return value->kind == PKTTAP_DETAIL_ARRAY ? value->number : 0;
}

/* Steps over what is inside a value. Attack: nesting would take the stack, and vast lengths the time; so this counts. */
static inline int pkttap_detail_skip_inside(struct pkttap_detail_input *input, const struct pkttap_detail_value *value) {
  struct pkttap_detail_value inner;
  uint64_t left = pkttap_detail_children(value);
  for (; left > 0; left += pkttap_detail_children(&inner) - 1)
    if (left > (uint64_t)(input->end - input->at) || pkttap_detail_read(input, &inner) != 0) return -1;
  return 0;
}

static inline int pkttap_detail_is(const struct pkttap_detail_value *value, const char *text) {
  return value->kind == PKTTAP_DETAIL_TEXT && value->number == strlen(text) &&
         memcmp(value->text, text, strlen(text)) == 0;
}

#endif /* PKTTAP_DETAIL_MESSAGEPACK_H */
