/* The handshake with a tap, from its name to lanes that are mapped, and leaving it again. */
#ifndef PKTTAP_DETAIL_ATTACH_H
#define PKTTAP_DETAIL_ATTACH_H

static inline void pkttap_detail_put_hello(struct pkttap_detail_output *output, const struct pkttap_options *options) {
  static const char *const policies[] = {"", "lossless", "lossy"};
  const unsigned has_policy = options->policy != PKTTAP_POLICY_DEFAULT, has_share = options->share != NULL;
  char name[32];
  snprintf(name, sizeof name, "pid:%ld", (long)getpid());
  pkttap_detail_put_map(output, 5 + has_policy + has_share);
  pkttap_detail_put_field(output, "type", "hello");
  pkttap_detail_put_text(output, "versions");
  pkttap_detail_put_byte(output, 0x91); /* an array of one: version 1 */
  pkttap_detail_put_byte(output, 1);
  pkttap_detail_put_field(output, "role", "consumer");
  pkttap_detail_put_field(output, "name", options->name != NULL && options->name[0] ? options->name : name);
  pkttap_detail_put_field(output, "start", options->start == PKTTAP_START_OLDEST ? "oldest" : "now");
  if (has_policy) pkttap_detail_put_field(output, "policy", policies[options->policy]);
  if (has_share) pkttap_detail_put_field(output, "share", options->share);
}

/* Waits for the answer to the hello. Its descriptors belong to the caller. */
static inline int pkttap_detail_hear_first(int fd, int timeout_ms, struct pkttap_detail_datagram *answer,
                                           struct pkttap_error *error) {
  const uint64_t deadline = pkttap_detail_now_ms() + (uint64_t)timeout_ms;
  for (;;) {
    const uint64_t now = pkttap_detail_now_ms();
    const int got = pkttap_detail_receive(fd, answer, error);
    if (got < 0) return -1;
    if (got > 0 && answer->length > 0) return 0;
    if (got > 0) {
      pkttap_detail_close_all(answer->fds, answer->fd_count);
      return pkttap_detail_fail(error, "ERR_TAP_DIED", "the tap closed the connection");
    }
    if (now >= deadline) return pkttap_detail_fail(error, "ERR_TAP_TIMEOUT", "the tap does not answer");
    pkttap_detail_wait_readable(fd, (int)(deadline - now));
  }
}

/* Whether the answer is a welcome that fits the descriptors beside it, and what was asked for: 1 for a share group's member. */
static inline int pkttap_detail_check_welcome(const struct pkttap_detail_datagram *answer, unsigned members,
                                              struct pkttap_detail_message *welcome, struct pkttap_error *error) {
  if (pkttap_detail_decode(answer->bytes, answer->length, welcome) != 0)
    return pkttap_detail_fail(error, "ERR_TAP_PROTOCOL", "bad message from the tap");
  if (strcmp(welcome->type, "refuse") == 0 && welcome->code[0] != '\0')
    return pkttap_detail_fail(error, welcome->code, "%s", welcome->text);
  if (strcmp(welcome->type, "welcome") != 0)
    return pkttap_detail_fail(error, "ERR_TAP_PROTOCOL", "the tap answered a hello with %s", welcome->type);
  if (welcome->version != 1)
    return pkttap_detail_fail(error, "ERR_TAP_VERSION", "the tap speaks a version that this program does not");
  if (welcome->lanes == 0 || answer->fd_count != 2 * (size_t)welcome->lanes + members || (welcome->epoch != 0) != members)
    return pkttap_detail_fail(error, "ERR_TAP_PROTOCOL", "the tap sent other memory than its welcome says: descriptors=%zu",
                              answer->fd_count);
  return 0;
}

/* Maps all lanes, and the share group's memory. On failure, what was mapped is in the consumer and is for its owner to unmap. */
static inline int pkttap_detail_map_lanes(struct pkttap_consumer *consumer, const int *fds,
                                          const struct pkttap_detail_message *welcome) {
  uint32_t i;
  for (i = 0; i < welcome->lanes; i++) {
    struct pkttap_lane *lane = &consumer->lanes[i];
    consumer->lane_count = i + 1;
    if (pkttap_detail_map_ring(fds[2 * i], lane, &consumer->error) != 0) return -1;
    if (pkttap_detail_map_cursor(fds[2 * i + 1], lane, &consumer->error) != 0) return -1;
    pkttap_detail_begin(lane, welcome->position[i], welcome->sequence[i]);
  }
  consumer->member = (uint32_t)welcome->member;
  consumer->joined = welcome->epoch;
  if (welcome->epoch != 0 && pkttap_detail_map_shares(fds[2 * welcome->lanes], consumer) != 0) return -1;
  consumer->policy =
      strcmp(welcome->policy, "lossless") == 0 ? PKTTAP_POLICY_LOSSLESS : PKTTAP_POLICY_LOSSY;
  return 0;
}

static inline int pkttap_detail_shake_hands(struct pkttap_consumer *consumer, const struct pkttap_options *options) {
  struct pkttap_detail_output hello;
  struct pkttap_detail_datagram answer;
  struct pkttap_detail_message welcome;
  int result;
  hello.length = 0;
  pkttap_detail_put_hello(&hello, options);
  /* One that could not be sent has an answer that says why: the tap refused us and is gone. */
  pkttap_detail_send(consumer->fd, &hello);
  if (pkttap_detail_hear_first(consumer->fd, options->timeout_ms > 0 ? options->timeout_ms : 5000, &answer,
                               &consumer->error) != 0)
    return -1;
  result = pkttap_detail_check_welcome(&answer, options->share != NULL, &welcome, &consumer->error);
  if (result == 0) result = pkttap_detail_map_lanes(consumer, answer.fds, &welcome);
  pkttap_detail_close_all(answer.fds, answer.fd_count);
  return result;
}

static inline void pkttap_detail_let_go(struct pkttap_consumer *consumer) {
  uint32_t i;
  for (i = 0; i < consumer->lane_count; i++) pkttap_detail_unmap(&consumer->lanes[i]);
  consumer->lane_count = 0;
  pkttap_detail_unmap_shares(consumer);
  if (consumer->fd >= 0) close(consumer->fd);
  consumer->fd = -1;
}

static inline int pkttap_attach(struct pkttap_consumer *consumer, const char *tap, const struct pkttap_options *options) {
  struct pkttap_options defaults;
  memset(&defaults, 0, sizeof defaults);
  memset(consumer, 0, sizeof *consumer);
  if (options == NULL) options = &defaults;
  consumer->fd = -1;
  if (options->policy < PKTTAP_POLICY_DEFAULT || options->policy > PKTTAP_POLICY_LOSSY)
    return pkttap_detail_fail(&consumer->error, "ERR_TAP_PROTOCOL", "not a policy: %d", options->policy);
  if (pkttap_detail_check_share(options, &consumer->error) != 0) return -1;
  consumer->share_index = options->share_index;
  consumer->share_of = options->share_of;
  consumer->fd = pkttap_detail_connect(tap, options->directory, &consumer->error);
  if (consumer->fd < 0) return -1;
  if (pkttap_detail_shake_hands(consumer, options) == 0) return 0;
  pkttap_detail_let_go(consumer);
  return -1;
}

static inline void pkttap_detach(struct pkttap_consumer *consumer) {
  struct pkttap_detail_output bye;
  uint32_t i;
  for (i = 0; i < consumer->lane_count; i++) pkttap_detail_tell(&consumer->lanes[i]);
  bye.length = 0;
  pkttap_detail_put_map(&bye, 3);
  pkttap_detail_put_field(&bye, "type", "bye");
  pkttap_detail_put_field(&bye, "reason", "detached");
  pkttap_detail_put_field(&bye, "message", "");
  if (consumer->fd >= 0) pkttap_detail_send(consumer->fd, &bye);
  pkttap_detail_let_go(consumer);
}

#endif /* PKTTAP_DETAIL_ATTACH_H */
