/* What a tap says to a consumer that is attached, and leaving its share group. */
#ifndef PKTTAP_DETAIL_LISTEN_H
#define PKTTAP_DETAIL_LISTEN_H

/* Up to where packets are ours, now that we leave. Attack: fewer lanes than there are would leave the others' ends at 0. */
static inline void pkttap_detail_heed_left(struct pkttap_consumer *consumer, const struct pkttap_detail_message *message) {
  uint32_t i;
  if (message->lanes != consumer->lane_count) return;
  for (i = 0; i < message->lanes; i++) consumer->ends[i] = message->position[i];
  consumer->leaving = PKTTAP_DETAIL_LEFT;
}

static inline void pkttap_detail_heed(struct pkttap_consumer *consumer, const struct pkttap_detail_datagram *datagram) {
  struct pkttap_detail_message message;
  if (datagram->length == 0) consumer->gone = 1;
  if (datagram->length <= 1) return; /* the doorbell */
  if (pkttap_detail_decode(datagram->bytes, datagram->length, &message) != 0) return;
  if (strcmp(message.type, "notice") == 0) consumer->policy = PKTTAP_POLICY_LOSSY;
  if (strcmp(message.type, "left") == 0 && consumer->leaving) pkttap_detail_heed_left(consumer, &message);
  if (strcmp(message.type, "bye") == 0 && strcmp(message.reason, "evicted") == 0) {
    consumer->evicted = 1;
    pkttap_detail_fail(&consumer->error, "ERR_TAP_EVICTED", "the tap evicted us: %s", message.text);
  }
}

/* Reads what the tap has said, doorbells and all. */
static inline void pkttap_detail_listen(struct pkttap_consumer *consumer) {
  struct pkttap_detail_datagram datagram;
  struct pkttap_error ignored;
  memset(&ignored, 0, sizeof ignored);
  while (!consumer->gone) {
    const int got = pkttap_detail_receive(consumer->fd, &datagram, &ignored);
    if (got == 0) return;
    if (got < 0) {
      consumer->gone = 1;
      return;
    }
    pkttap_detail_close_all(datagram.fds, datagram.fd_count);
    pkttap_detail_heed(consumer, &datagram);
  }
}

/* Whether we leave, and all that was ours has been handed out. The answer to our leave may come while there are packets still. */
static inline int pkttap_detail_has_left(struct pkttap_consumer *consumer) {
  uint32_t i;
  if (consumer->leaving == PKTTAP_DETAIL_STAYING) return 0;
  if (consumer->leaving == PKTTAP_DETAIL_LEAVING) pkttap_detail_listen(consumer);
  if (consumer->leaving != PKTTAP_DETAIL_LEFT) return 0;
  for (i = 0; i < consumer->lane_count; i++)
    if (consumer->lanes[i].position < consumer->ends[i]) return 0;
  return 1;
}

static inline void pkttap_leave(struct pkttap_consumer *consumer) {
  struct pkttap_detail_output leave;
  if (consumer->end != PKTTAP_END_NONE || consumer->leaving) return;
  leave.length = 0;
  pkttap_detail_put_map(&leave, 1);
  pkttap_detail_put_field(&leave, "type", "leave");
  consumer->leaving = PKTTAP_DETAIL_LEAVING;
  if (consumer->shares == NULL || !pkttap_detail_send(consumer->fd, &leave)) consumer->leaving = PKTTAP_DETAIL_LEFT;
}

#endif /* PKTTAP_DETAIL_LISTEN_H */
