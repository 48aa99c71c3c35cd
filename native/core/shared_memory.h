// Sealed shared memory: the ring (written by the tap alone) and the cursors (one per consumer). Nothing here knows
// what the bytes mean beyond the checks that make a mapping safe to read.
//
// What the seals buy (measured, docs/decisions.md): after SHRINK|GROW|FUTURE_WRITE|SEAL the tap's existing writable
// mapping goes on working, and nobody, root included, can map the memory writable again, write(2) to it or resize it.
// A size-sealed memfd can't raise SIGBUS in whoever maps it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../../include/pkttap.h"
#include "status.h"
#include "unique_fd.h"

namespace pkttap {

// OWNER: the object unmaps its range when it goes away, once; release() hands that duty on.
class Mapping {
 public:
  Mapping() = default;
  Mapping(uint8_t* base, size_t bytes) : base_(base), bytes_(bytes) {}
  Mapping(Mapping&& other) noexcept : base_(other.base_), bytes_(other.bytes_) { other.release(); }
  Mapping& operator=(Mapping&& other) noexcept;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { unmap(); }

  uint8_t* base() const { return base_; }
  size_t bytes() const { return bytes_; }
  void unmap();
  uint8_t* release();

 private:
  uint8_t* base_ = nullptr;
  size_t bytes_ = 0;
};

struct RingShape {
  uint64_t capacity = 0;        // bytes, a power of two from PKTTAP_MIN_CAPACITY to PKTTAP_MAX_CAPACITY
  uint64_t first_position = 0;  // a multiple of 8; other than 0 only in tests of very old rings
  uint64_t first_sequence = 0;
};

// The tap's side of a ring: its memory, writable here and nowhere else.
struct RingMemory {
  UniqueFd fd;      // O_RDONLY, and sealed against writing: only the mapping writes
  Mapping mapping;  // header, checkpoints, interfaces, data, data again
  pkttap_ring_header* header = nullptr;
  pkttap_checkpoint* checkpoints = nullptr;
  uint8_t* interfaces = nullptr;
  uint8_t* data = nullptr;
};

// Creates, commits, maps twice, fills in the header and seals. The memory is committed with fallocate before the seals,
// so that running out of it is an error here (ENOSPC, ENOMEM) and never a SIGBUS later.
Status create_ring(const RingShape& shape, RingMemory& ring);

// A descriptor of read-only memory for one consumer. All share one description, opened when the memory was made: the tap may
// have become another user since, who could no longer open it.
Status share_descriptor(const UniqueFd& fd, UniqueFd& shared);

// A consumer's side: maps a ring received from a tap, read-only, after checking that it is a memfd with all four seals,
// that its size is what its header claims, and magic, version and shape.
Status map_ring(int fd, Mapping& mapping);

// A share group's memory, which only this mapping can write, filled with zeros but for magic and version; the descriptor is
// for its members.
Status create_shares(UniqueFd& fd, Mapping& mapping);

// A member's side: mapped read-only, checked as a ring is.
Status map_shares(int fd, Mapping& mapping);

// A cursor page for one consumer, size-sealed, mapped writable.
Status create_cursor(UniqueFd& fd, Mapping& mapping);

// A consumer's side of its own cursor, checked the same way.
Status map_cursor(int fd, Mapping& mapping);

}  // namespace pkttap
