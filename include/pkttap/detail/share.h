/* Which packets are this consumer's: all, a fixed share of the flows, or what its share group gives it, epoch by epoch. The same
 * rules as native/core/share.cc; the group's memory is the tap's, which writes it meanwhile and may lie. */
#ifndef PKTTAP_DETAIL_SHARE_H
#define PKTTAP_DETAIL_SHARE_H

/* Whose a packet of this flow is at this place: 1 ours, 0 another's; -1: it can't be known, as the packet is overwritten by now,
 * or the tap lies. Call after the tail was loaded. */
static inline int pkttap_detail_ask_group(const struct pkttap_consumer *consumer, uint32_t lane, uint64_t sequence,
                                          uint32_t hash) {
  /* ORDERING: acquire; partner: ShareGroup's release. The epochs up to this one come first. */
  const uint64_t newest = PKTTAP_DETAIL_LOAD(consumer->shares->newest);
  uint64_t number;
  for (number = newest; number >= consumer->joined; number--) {
    const struct pkttap_epoch *epoch = &consumer->shares->epochs[number % PKTTAP_EPOCHS];
    uint32_t owner;
    /* Attack: a number that is no epoch's, or a tap that goes on writing them for us, would have us look for ever. */
    if (newest - number >= PKTTAP_EPOCHS || PKTTAP_DETAIL_LOAD(epoch->number) != number) return -1;
    if (__atomic_load_n(&epoch->lanes[lane].sequence, __ATOMIC_RELAXED) > sequence) continue;
    owner = __atomic_load_n(&epoch->owners[hash >> 24], __ATOMIC_RELAXED);
    /* ORDERING: an acquire fence; partner: the release fence of ShareGroup::write_epoch. What was overwritten while it was
     * read has lost its number. */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(&epoch->number, __ATOMIC_RELAXED) != number ? -1 : owner == consumer->member;
  }
  return 0;
}

static inline int pkttap_detail_is_ours(const struct pkttap_consumer *consumer, uint32_t lane,
                                        const struct pkttap_record *record) {
  const uint32_t hash = pkttap_share_hash(record->flow_hash);
  if (consumer->shares != NULL) return pkttap_detail_ask_group(consumer, lane, record->sequence, hash);
  if (consumer->share_of == 0) return 1;
  return ((uint64_t)hash * consumer->share_of) >> 32 == consumer->share_index - 1;
}

/* 0: as the caller may ask. */
static inline int pkttap_detail_check_share(const struct pkttap_options *options, struct pkttap_error *error) {
  const uint32_t index = options->share_index, of = options->share_of;
  if (options->share != NULL && !pkttap_detail_is_name(options->share))
    return pkttap_detail_fail(error, "ERR_TAP_PROTOCOL", "not a name for a share group: %.64s", options->share);
  if ((of == 0 && index == 0) || (options->share == NULL && index >= 1 && index <= of && of <= 0xffff)) return 0;
  return pkttap_detail_fail(error, "ERR_TAP_PROTOCOL", "not a share: %u of %u", (unsigned)index, (unsigned)of);
}

static inline int pkttap_detail_map_shares(int fd, struct pkttap_consumer *consumer) {
  const struct pkttap_shares *shares;
  struct pkttap_error *error = &consumer->error;
  uint64_t bytes = 0;
  void *memory;
  if (pkttap_detail_check_file(fd, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL, &bytes, error) != 0)
    return -1;
  if (bytes != sizeof *shares) return pkttap_detail_refuse(error, "shares have the wrong size");
  memory = mmap(NULL, sizeof *shares, PROT_READ, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return pkttap_detail_fail_system(error, "mmap");
  shares = consumer->shares = (const struct pkttap_shares *)memory;
  if (shares->magic != PKTTAP_SHARES_MAGIC || shares->version != PKTTAP_LAYOUT_VERSION)
    return pkttap_detail_refuse(error, "not a share group's memory: wrong magic or version");
  return 0;
}

static inline void pkttap_detail_unmap_shares(struct pkttap_consumer *consumer) {
  if (consumer->shares != NULL) munmap((void *)(uintptr_t)consumer->shares, sizeof *consumer->shares);
  consumer->shares = NULL;
}

#endif /* PKTTAP_DETAIL_SHARE_H */
