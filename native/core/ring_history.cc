#include "ring_history.h"

#include <algorithm>

namespace pkttap {

// Blocks that could be overwritten next are out of bounds already.
uint64_t RingHistory::first_intact() const {
  const pkttap_ring_header& header = *memory_.header;
  const uint64_t intent = header.tail_intent;
  return std::max(header.first_position, intent - std::min(intent, mask_ + 1));
}

// The first record of a block, if it is intact and published.
bool RingHistory::checkpoint(uint64_t block, RecordPlace& place) const {
  const uint64_t blocks = (mask_ + 1) >> PKTTAP_BLOCK_SHIFT;
  const pkttap_checkpoint& found = memory_.checkpoints[block & (blocks - 1)];
  if (found.position >> PKTTAP_BLOCK_SHIFT != block || found.position < first_intact() || found.position >= tail_.position)
    return false;
  place = {found.position, found.sequence};
  return true;
}

RecordPlace RingHistory::oldest() const {
  const pkttap_ring_header& header = *memory_.header;
  const uint64_t first = first_intact();
  if (first == header.first_position) return {header.first_position, header.first_sequence};
  RecordPlace place;
  for (uint64_t block = first >> PKTTAP_BLOCK_SHIFT; block <= tail_.position >> PKTTAP_BLOCK_SHIFT; ++block)
    if (checkpoint(block, place)) return place;
  return tail_;
}

RecordPlace RingHistory::find(uint64_t position) const {
  const RecordPlace first = oldest();
  if (position >= tail_.position) return tail_;
  if (position <= first.position) return first;
  // Records are found from where one is known to begin.
  RecordPlace place = first;
  RecordPlace nearer;
  for (uint64_t block = position >> PKTTAP_BLOCK_SHIFT; block > first.position >> PKTTAP_BLOCK_SHIFT; --block) {
    if (!checkpoint(block, nearer) || nearer.position > position) continue;
    place = nearer;
    break;
  }
  while (place.position < position) place = next(place);
  return place;
}

const pkttap_record& RingHistory::record(const RecordPlace& place) const {
  return *reinterpret_cast<const pkttap_record*>(memory_.data + (place.position & mask_));
}

RecordPlace RingHistory::next(const RecordPlace& place) const {
  const pkttap_record& at = record(place);
  const uint64_t bytes = pkttap_record_bytes(&at, reinterpret_cast<const uint8_t*>(&at + 1));
  return {place.position + bytes, place.sequence + 1};
}

}  // namespace pkttap
