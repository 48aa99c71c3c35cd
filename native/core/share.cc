#include "share.h"

#include "atomics.h"

namespace pkttap {

Share Share::fixed(uint32_t index, uint32_t of) {
  Share share;
  share.index_ = index;
  share.of_ = of;
  return share;
}

Share Share::of_member(uint32_t member, uint64_t joined, uint32_t lane) {
  Share share;
  share.of_ = 0;
  share.member_ = member;
  share.joined_ = joined;
  share.lane_ = lane;
  share.length_ = 0;
  return share;
}

void Share::refresh(const pkttap_shares& shares) {
  shares_ = &shares;
  // ORDERING: acquire, partner: ShareGroup's release of it. The epochs up to this one come first.
  const uint64_t newest = load_acquire(shares.newest);
  // What was the newest epoch held without an end.
  if (newest != newest_) length_ = 0;
  newest_ = newest;
}

bool Share::find(uint64_t sequence) {
  if (!in_group()) return false;
  uint64_t end = UINT64_MAX;
  for (uint64_t number = newest_; number >= joined_; --number) {
    // Attack: a number that isn't that of an epoch, or a tap that goes on writing them for us, would have us look for ever.
    if (newest_ - number >= PKTTAP_EPOCHS || load_acquire(epoch(number).number) != number) return false;
    const uint64_t begin = load_relaxed(epoch(number).lanes[lane_].sequence);
    if (begin <= sequence) return copy(number, end);
    end = begin;
  }
  // Before we joined, nothing is ours: we have the id of nobody.
  for (uint32_t& owner : owners_) owner = 0;
  first_ = 0;
  length_ = end;
  return true;
}

// Takes over an epoch that holds up to `end`.
bool Share::copy(uint64_t number, uint64_t end) {
  const pkttap_epoch& from = epoch(number);
  first_ = load_relaxed(from.lanes[lane_].sequence);
  length_ = end - first_;
  for (uint32_t slot = 0; slot < PKTTAP_SHARE_SLOTS; ++slot) owners_[slot] = load_relaxed(from.owners[slot]);
  // ORDERING: an acquire fence, partner: the release fence of ShareGroup::write_epoch. What was overwritten while it was
  // copied has lost its number.
  fence_acquire();
  if (load_relaxed(from.number) == number) return true;
  length_ = 0;
  return false;
}

}  // namespace pkttap
