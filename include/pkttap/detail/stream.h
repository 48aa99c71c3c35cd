/* Packets of all lanes in one stream, sleeping and being rung, and each kind of end told from every other. */
#ifndef PKTTAP_DETAIL_STREAM_H
#define PKTTAP_DETAIL_STREAM_H

/* No more of this stream. */
static inline int pkttap_detail_break(struct pkttap_consumer *consumer, const char *code, const char *why) {
  consumer->end = PKTTAP_END_FAILED;
  return pkttap_detail_fail(&consumer->error, code, "%s", why);
}

/* The lane whose next packet is the oldest; NULL if there is none, or with `broken` set if a ring contradicts itself. */
static inline struct pkttap_lane *pkttap_detail_oldest(struct pkttap_consumer *consumer, int *broken) {
  struct pkttap_lane *oldest = NULL;
  uint32_t i;
  for (i = 0; i < consumer->lane_count; i++) {
    struct pkttap_lane *lane = &consumer->lanes[i];
    const int found = pkttap_detail_look(lane);
    if (found < 0) return *broken = 1, (struct pkttap_lane *)NULL;
    if (found > 0 && (oldest == NULL || lane->next.ts_ns < oldest->next.ts_ns)) oldest = lane;
  }
  return oldest;
}

/* Hands out the packet that the lane looked at, if it is ours: 1; 0: look again; -1: the tap contradicts itself. */
static inline int pkttap_detail_choose(struct pkttap_consumer *consumer, struct pkttap_lane *lane,
                                       struct pkttap_packet *packet) {
  const uint32_t index = (uint32_t)(lane - consumer->lanes);
  const int is_ours = pkttap_detail_is_ours(consumer, index, &lane->next);
  packet->lane = (uint16_t)index;
  if (is_ours > 0) return pkttap_detail_hand_out(lane, packet);
  if (is_ours == 0) return pkttap_detail_pass_over(lane), 0;
  lane->has_next = 0;
  return pkttap_detail_is_whole(lane, lane->position) ? -1 : 0;
}

/* A packet that is there: 1; 0: none is; -1: broken. */
static inline int pkttap_detail_take(struct pkttap_consumer *consumer, struct pkttap_packet *packet) {
  int broken = 0, got = 0;
  while (got == 0 && !pkttap_detail_has_left(consumer)) {
    struct pkttap_lane *lane = pkttap_detail_oldest(consumer, &broken);
    if (lane == NULL && !broken) return packet->lane = 0, 0;
    got = broken ? -1 : pkttap_detail_choose(consumer, lane, packet);
  }
  if (got >= 0) return got;
  return pkttap_detail_break(consumer, "ERR_TAP_RING", "corrupt record in the ring: the tap is broken or hostile");
}

static inline int pkttap_detail_any_more(struct pkttap_consumer *consumer) {
  uint32_t i;
  for (i = 0; i < consumer->lane_count; i++)
    if (consumer->lanes[i].has_next || pkttap_detail_has_more(&consumer->lanes[i])) return 1;
  return 0;
}

/* The worst of the lanes' ends; NULL while one is open. Once it is there, every tail is the last. */
static inline const struct pkttap_ring_header *pkttap_detail_ended(const struct pkttap_consumer *consumer) {
  const struct pkttap_ring_header *worst = NULL;
  uint32_t i;
  for (i = 0; i < consumer->lane_count; i++) {
    const struct pkttap_ring_header *header = consumer->lanes[i].header;
    if (PKTTAP_DETAIL_LOAD(header->state) != PKTTAP_STATE_ENDED) return NULL;
    if (worst == NULL || header->end_reason > worst->end_reason) worst = header;
  }
  return worst;
}

/* With nothing left to read: -1 if the stream has ended, and how; 0 if it goes on. */
static inline int pkttap_detail_note_end(struct pkttap_consumer *consumer) {
  const struct pkttap_ring_header *header = pkttap_detail_ended(consumer);
  uint32_t reason;
  if (pkttap_detail_has_left(consumer)) return consumer->end = PKTTAP_END_LEFT, -1;
  if (header == NULL && !consumer->gone) return 0;
  /* The end is published after the last packet: seeing the end first makes this look the last one. */
  if (pkttap_detail_any_more(consumer)) return 0;
  pkttap_detail_listen(consumer);
  if (consumer->evicted) return consumer->end = PKTTAP_END_FAILED, -1;
  if (header == NULL)
    return pkttap_detail_break(consumer, "ERR_TAP_DIED", "the tap died; all that it had published was delivered");
  reason = header->end_reason;
  if (reason != PKTTAP_END_FINISHED && reason != PKTTAP_END_STOPPED) {
    consumer->end = PKTTAP_END_FAILED;
    return pkttap_detail_fail(&consumer->error, "ERR_TAP_SOURCE_FAILED", "%.*s", (int)sizeof header->end_message,
                              header->end_message);
  }
  consumer->end = reason;
  return -1;
}

/* Sleeps until the tap rings, or says something else: 1; 0: the time is over, or a signal came. */
static inline int pkttap_detail_sleep(struct pkttap_consumer *consumer, int timeout_ms) {
  uint32_t *sleeping = &consumer->lanes[0].cursor->sleeping;
  int woken = 1;
  /* ORDERING: sequentially consistent; partner: the tap's exchange after a publication. Either we see the new tail, or it
   * sees that we sleep. */
  __atomic_store_n(sleeping, 1u, __ATOMIC_SEQ_CST);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (!pkttap_detail_any_more(consumer) && pkttap_detail_ended(consumer) == NULL)
    woken = pkttap_detail_wait_readable(consumer->fd, timeout_ms);
  __atomic_store_n(sleeping, 0u, __ATOMIC_SEQ_CST);
  return woken;
}

/* Waits once, as long as is left until the deadline. 0: there is no more time. */
static inline int pkttap_detail_wait(struct pkttap_consumer *consumer, int timeout_ms, uint64_t *deadline) {
  const uint64_t now = pkttap_detail_now_ms();
  int woken = 0;
  uint32_t i;
  for (i = 0; i < consumer->lane_count; i++) pkttap_detail_tell(&consumer->lanes[i]);
  if (*deadline == 0) *deadline = now + (uint64_t)(timeout_ms > 0 ? timeout_ms : 0);
  if (timeout_ms < 0) woken = pkttap_detail_sleep(consumer, -1);
  else if (now < *deadline) woken = pkttap_detail_sleep(consumer, (int)(*deadline - now));
  pkttap_detail_listen(consumer);
  return woken;
}

static inline int pkttap_next(struct pkttap_consumer *consumer, struct pkttap_packet *packet, int timeout_ms) {
  uint64_t deadline = 0;
  int more_time = 1;
  memset(packet, 0, sizeof *packet);
  while (consumer->end == PKTTAP_END_NONE) {
    const int got = pkttap_detail_take(consumer, packet);
    if (got != 0) return got;
    if (pkttap_detail_note_end(consumer) != 0) return -1;
    if (!more_time) return 0;
    more_time = pkttap_detail_wait(consumer, timeout_ms, &deadline);
  }
  return -1;
}

static inline void pkttap_release(struct pkttap_consumer *consumer) {
  uint32_t i;
  for (i = 0; i < consumer->lane_count; i++) pkttap_detail_release_lane(&consumer->lanes[i]);
}

static inline int pkttap_is_intact(const struct pkttap_consumer *consumer, const struct pkttap_packet *packet) {
  return pkttap_detail_is_whole(&consumer->lanes[packet->lane], packet->position);
}

static inline uint64_t pkttap_delivered(const struct pkttap_consumer *consumer) {
  uint64_t sum = 0;
  uint32_t i;
  for (i = 0; i < consumer->lane_count; i++) sum += consumer->lanes[i].delivered;
  return sum;
}

static inline uint64_t pkttap_filtered(const struct pkttap_consumer *consumer) {
  uint64_t sum = 0;
  uint32_t i;
  for (i = 0; i < consumer->lane_count; i++) sum += consumer->lanes[i].filtered;
  return sum;
}

static inline uint64_t pkttap_missed(const struct pkttap_consumer *consumer) {
  uint64_t sum = 0;
  uint32_t i;
  for (i = 0; i < consumer->lane_count; i++) sum += consumer->lanes[i].missed;
  return sum;
}

static inline uint64_t pkttap_lag(const struct pkttap_consumer *consumer) {
  uint64_t sum = 0;
  uint32_t i;
  for (i = 0; i < consumer->lane_count; i++)
    sum += PKTTAP_DETAIL_LOAD(consumer->lanes[i].header->sequence) - consumer->lanes[i].sequence;
  return sum;
}

#endif /* PKTTAP_DETAIL_STREAM_H */
