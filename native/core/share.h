// Which packets of a lane are a consumer's: all, a fixed share of the flows, or what its share group gives it, epoch by
// epoch. Decided from the flow hash and the sequence in a record's header, without asking anybody.
//
// Reads a group's memory, which its tap writes meanwhile; the tap itself reads it, too, to count what a member left behind.
// Used by one thread.
#pragma once

#include <cstdint>

#include "../../include/pkttap.h"

namespace pkttap {

class Share {
 public:
  // All packets.
  Share() = default;
  // Share `index` of `of`, from 0.
  static Share fixed(uint32_t index, uint32_t of);
  // What the group gives to this member in one lane; nothing before the epoch in which it joined.
  static Share of_member(uint32_t member, uint64_t joined, uint32_t lane);

  bool is_all() const { return of_ == 1; }
  bool in_group() const { return of_ == 0; }

  // For a member, before each pass, after the tail was loaded: learns of new epochs.
  void refresh(const pkttap_shares& shares);

  // Looks up whose the flows are at this packet. False: it can't be known, as the packet is overwritten by now, or the tap lies.
  bool reach(uint64_t sequence) { return sequence - first_ < length_ || find(sequence); }

  // Whether a packet that was reached is ours.
  bool takes(uint32_t flow_hash) const {
    const uint32_t hash = pkttap_share_hash(flow_hash);
    if (in_group()) return owners_[hash >> 24] == member_;
    return (uint64_t{hash} * of_) >> 32 == index_;
  }

 private:
  bool find(uint64_t sequence);
  bool copy(uint64_t number, uint64_t end);
  const pkttap_epoch& epoch(uint64_t number) const { return shares_->epochs[number % PKTTAP_EPOCHS]; }

  uint32_t index_ = 0;
  uint32_t of_ = 1;  // 0: a member of a group

  // Of a member.
  uint32_t member_ = 0;
  uint64_t joined_ = 0;
  uint32_t lane_ = 0;
  const pkttap_shares* shares_ = nullptr;
  uint64_t newest_ = 0;

  // The packets for which owners_ holds, by sequence.
  uint64_t first_ = 0;
  uint64_t length_ = UINT64_MAX;
  uint32_t owners_[PKTTAP_SHARE_SLOTS] = {};
};

}  // namespace pkttap
