/* Reads one lane: which packet is next, whether it is whole, and how many were missed when the tap has lapped us. The same
 * steps as src/ring/ring-reader.ts, which the conformance suite holds against it; it waits for nothing. */
#ifndef PKTTAP_DETAIL_READER_H
#define PKTTAP_DETAIL_READER_H

/* After being lapped, start this part of the ring ahead of the oldest packet, or the tap laps us again at once. */
#define PKTTAP_DETAIL_LAPPED_MARGIN_SHIFT 3

/* Looking for an intact record fails only if the tap writes most of a ring meanwhile; not this often. */
#define PKTTAP_DETAIL_ATTEMPTS 1000

/* ORDERING: acquire; partner: RingWriter's release. All that was stored before the value is visible after this. */
#define PKTTAP_DETAIL_LOAD(field) __atomic_load_n(&(field), __ATOMIC_ACQUIRE)

/* Begins at the position and sequence that the tap assigned, in a lane that is mapped. */
static inline void pkttap_detail_begin(struct pkttap_lane *lane, uint64_t position, uint64_t sequence) {
  lane->position = lane->tail = lane->released_position = lane->told_position = position;
  lane->sequence = sequence;
  lane->delivered = lane->filtered = lane->missed = lane->released_delivered = lane->released_filtered = 0;
  lane->interface_count = 0;
  lane->entry_index = lane->entry_offset = 0;
  lane->has_next = 0;
}

/* ORDERING: the fence keeps reads of the record before the load of tail_intent. Partner: RingWriter::extend. */
static inline int pkttap_detail_is_whole(const struct pkttap_lane *lane, uint64_t position) {
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  return position + lane->capacity >= PKTTAP_DETAIL_LOAD(lane->header->tail_intent);
}

/* Tells the tap how far we are. ORDERING: release; partner: Session::check_position. Our reads of the ring stay before it. */
static inline void pkttap_detail_tell(struct pkttap_lane *lane) {
  __atomic_store_n(&lane->cursor->delivered, lane->released_delivered, __ATOMIC_RELAXED);
  __atomic_store_n(&lane->cursor->filtered, lane->released_filtered, __ATOMIC_RELAXED);
  __atomic_store_n(&lane->cursor->missed, lane->missed, __ATOMIC_RELAXED);
  __atomic_store_n(&lane->cursor->position, lane->released_position, __ATOMIC_RELEASE);
  lane->told_position = lane->released_position;
}

static inline void pkttap_detail_release_lane(struct pkttap_lane *lane) {
  lane->released_position = lane->position;
  lane->released_delivered = lane->delivered;
  lane->released_filtered = lane->filtered;
  if (lane->position - lane->told_position >= UINT64_C(1) << PKTTAP_BLOCK_SHIFT) pkttap_detail_tell(lane);
}

/* Goes on at a later record, and counts what lies between. What was handed out before is overwritten as well. */
static inline int pkttap_detail_skip_to(struct pkttap_lane *lane, uint64_t position, uint64_t sequence) {
  if (sequence < lane->sequence || sequence > PKTTAP_DETAIL_LOAD(lane->header->sequence)) return -1;
  lane->missed += sequence - lane->sequence;
  lane->sequence = sequence;
  lane->position = lane->released_position = position;
  lane->released_delivered = lane->delivered;
  lane->released_filtered = lane->filtered;
  pkttap_detail_tell(lane);
  return 0;
}

/* Looks through the checkpoints from `oldest` on for the first record that is published. 1: it is whole; 0: not any more. */
static inline int pkttap_detail_find_from(const struct pkttap_lane *lane, uint64_t oldest, uint64_t tail,
                                          uint64_t *position, uint64_t *sequence) {
  const uint64_t blocks = lane->capacity >> PKTTAP_BLOCK_SHIFT;
  uint64_t block;
  for (block = oldest >> PKTTAP_BLOCK_SHIFT; block <= tail >> PKTTAP_BLOCK_SHIFT; block++) {
    const struct pkttap_checkpoint *entry = &lane->checkpoints[block % blocks];
    *position = PKTTAP_DETAIL_LOAD(entry->position);
    *sequence = PKTTAP_DETAIL_LOAD(entry->sequence);
    if (*position >> PKTTAP_BLOCK_SHIFT != block || *position >= tail) continue;
    /* The entry is true only if its block was still intact after it had been read. */
    return pkttap_detail_is_whole(lane, *position);
  }
  return 0;
}

/* After being lapped: goes on at the oldest packet that will still be there in a moment. */
static inline int pkttap_detail_skip_lapped(struct pkttap_lane *lane) {
  uint64_t position, sequence;
  int attempt;
  for (attempt = 0; attempt < PKTTAP_DETAIL_ATTEMPTS; attempt++) {
    const uint64_t tail = PKTTAP_DETAIL_LOAD(lane->header->tail);
    const uint64_t intent = PKTTAP_DETAIL_LOAD(lane->header->tail_intent);
    const uint64_t oldest = intent - lane->capacity + (lane->capacity >> PKTTAP_DETAIL_LAPPED_MARGIN_SHIFT);
    /* Attack: a tail without bounds would keep us looking for ever. */
    if (tail > intent || tail < lane->position) return -1;
    if (pkttap_detail_find_from(lane, oldest, tail, &position, &sequence))
      return pkttap_detail_skip_to(lane, position, sequence);
  }
  return -1;
}

/* Whether more is published than was handed out; looks at the tail only if it has to. */
static inline int pkttap_detail_has_more(struct pkttap_lane *lane) {
  if (lane->position != lane->tail) return 1;
  lane->tail = PKTTAP_DETAIL_LOAD(lane->header->tail);
  /* ORDERING: after the tail. An interface is in the table before the first of its packets is published. */
  lane->interface_count = PKTTAP_DETAIL_LOAD(lane->header->interface_count);
  return lane->position != lane->tail;
}

static inline const uint8_t *pkttap_detail_at(const struct pkttap_lane *lane, uint64_t position) {
  return lane->data + (position & (lane->capacity - 1));
}

/* Whether a header that was whole can be that of a record of ours. */
static inline int pkttap_detail_is_sound(const struct pkttap_lane *lane, const struct pkttap_record *record,
                                         uint64_t bytes) {
  return record->caplen <= PKTTAP_MAX_CAPLEN && bytes <= lane->tail - lane->position &&
         (record->interface_and_flags & ((1u << PKTTAP_INTERFACE_BITS) - 1)) < lane->interface_count &&
         record->sequence == lane->sequence;
}

/* From this record to the next, as far as it can be told before it is known to be whole. */
static inline uint64_t pkttap_detail_step(const struct pkttap_record *record, const uint8_t *at) {
  /* More than any capacity is left of: no record of ours. And not to be followed to its options. */
  return record->caplen > PKTTAP_MAX_CAPLEN ? UINT64_MAX : pkttap_record_bytes(record, at + sizeof *record);
}

/* Has a checked copy of the next packet's header in lane->next: 1; 0: there is none; -1: the ring contradicts itself. */
static inline int pkttap_detail_look(struct pkttap_lane *lane) {
  while (!lane->has_next && pkttap_detail_has_more(lane)) {
    const uint8_t *at = pkttap_detail_at(lane, lane->position);
    uint64_t bytes;
    memcpy(&lane->next, at, sizeof lane->next);
    bytes = pkttap_detail_step(&lane->next, at);
    if (!pkttap_detail_is_whole(lane, lane->position)) {
      if (pkttap_detail_skip_lapped(lane) != 0) return -1;
      lane->tail = lane->position;
      continue;
    }
    if (!pkttap_detail_is_sound(lane, &lane->next, bytes)) return -1;
    lane->next_bytes = bytes;
    lane->has_next = 1;
  }
  return lane->has_next;
}

/* The entry of an interface that a packet has; NULL if the table contradicts itself. Walks on from the one before, so many
 * packets of one interface cost one walk. */
static inline const struct pkttap_interface *pkttap_detail_interface(struct pkttap_lane *lane, uint32_t index) {
  struct pkttap_interface entry;
  if (index < lane->entry_index) lane->entry_index = lane->entry_offset = 0;
  for (;;) {
    const uint8_t *at = lane->interfaces + lane->entry_offset;
    if (lane->interfaces_bytes - lane->entry_offset < sizeof entry) return NULL;
    memcpy(&entry, at, sizeof entry);
    if (lane->entry_index == index) return (const struct pkttap_interface *)(const void *)at;
    if (entry.bytes < sizeof entry || entry.bytes % 8 != 0 || entry.bytes > lane->interfaces_bytes - lane->entry_offset)
      return NULL;
    lane->entry_offset += entry.bytes;
    lane->entry_index++;
  }
}

/* Goes on behind the packet that was looked at, which is not ours. With nothing handed out that is not released, the tap need
 * not wait for a release that may never come. */
static inline void pkttap_detail_pass_over(struct pkttap_lane *lane) {
  const int owes_nothing = lane->released_position == lane->position;
  lane->has_next = 0;
  lane->position += lane->next_bytes;
  lane->sequence++;
  lane->filtered++;
  if (owes_nothing) pkttap_detail_release_lane(lane);
}

/* Hands out the packet that was looked at: 1. 0: it was overwritten meanwhile; look again. -1: the ring contradicts itself. */
static inline int pkttap_detail_hand_out(struct pkttap_lane *lane, struct pkttap_packet *packet) {
  const struct pkttap_record *record = &lane->next;
  const uint32_t index = record->interface_and_flags & ((1u << PKTTAP_INTERFACE_BITS) - 1);
  const struct pkttap_interface *entry = pkttap_detail_interface(lane, index);
  if (entry == NULL) return -1;
  lane->has_next = 0;
  if (!pkttap_detail_is_whole(lane, lane->position)) return 0;
  packet->data = pkttap_detail_at(lane, lane->position) + sizeof *record;
  packet->ts_ns = record->ts_ns;
  packet->sequence = record->sequence;
  packet->position = lane->position;
  packet->caplen = record->caplen;
  packet->origlen = record->origlen;
  packet->interface_index = index;
  packet->flow_hash = record->flow_hash;
  packet->flags = record->interface_and_flags >> PKTTAP_INTERFACE_BITS;
  packet->linktype = entry->linktype;
  lane->position += lane->next_bytes;
  lane->sequence++;
  lane->delivered++;
  return 1;
}

#endif /* PKTTAP_DETAIL_READER_H */
