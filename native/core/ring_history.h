// What a ring holds of the past: from its oldest intact record up to its tail. Made under the writer's mutex and good as
// long as that is held: nothing that lies in between is written meanwhile.
#pragma once

#include <cstdint>

#include "shared_memory.h"

namespace pkttap {

// A record's place: its position and its sequence.
struct RecordPlace {
  uint64_t position = 0;
  uint64_t sequence = 0;
};

inline bool operator==(const RecordPlace& one, const RecordPlace& other) {
  return one.position == other.position && one.sequence == other.sequence;
}

class RingHistory {
 public:
  // `tail`: what is published, and the sequence of what comes next.
  RingHistory(const RingMemory& memory, RecordPlace tail) : memory_(memory), mask_(memory.header->capacity - 1), tail_(tail) {}

  RecordPlace tail() const { return tail_; }
  // The oldest record that is intact and has a checkpoint; the tail, if there is none.
  RecordPlace oldest() const;
  // The first record that begins at this position or later, from the oldest one up to the tail.
  RecordPlace find(uint64_t position) const;

  // Of a place that oldest(), find() or next() gave, and that isn't the tail.
  const pkttap_record& record(const RecordPlace& place) const;
  RecordPlace next(const RecordPlace& place) const;

 private:
  uint64_t first_intact() const;
  bool checkpoint(uint64_t block, RecordPlace& place) const;

  const RingMemory& memory_;
  const uint64_t mask_;
  const RecordPlace tail_;
};

}  // namespace pkttap
