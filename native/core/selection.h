// A consumer's choice of packets, made in one pass over a stretch of the ring: share, interface, filter, sampling and snaplen. It
// reads memory that another process may be writing: every length is loaded once and held against the bounds given, and
// whoever asked checks afterwards whether the stretch was still whole. Used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bpf.h"
#include "share.h"

namespace pkttap {

// A pass selects no more records than this: what a reader checks together.
constexpr uint32_t kSelectionChunk = 64;

// Why a pass ended: the stretch is over or enough is selected; a record that can't be; or one of an interface that nothing
// has been decided about.
enum class PassEnd : uint32_t { kDone = 0, kCorrupt = 1, kUndecided = 2 };

// Filled in by a pass, and read by src/ring/record-selector.ts in this order.
struct Pass {
  uint32_t offsets[kSelectionChunk];     // of the selected records, in bytes from the start of the memory
  uint32_t caplens[kSelectionChunk];     // cut to snaplen
  uint32_t interfaces[kSelectionChunk];
  uint32_t ordinals[kSelectionChunk];    // how many records of the pass came before
  uint32_t count;                        // selected
  uint32_t examined;                     // selected or not
  uint32_t next;                         // offset of the first record that was not examined
  uint32_t end;                          // PassEnd
  uint32_t undecided;                    // for kUndecided: the interface
  uint32_t matches;                      // in and out: packets that matched since the last one that sampling let through
};

// Where a pass looks: records that begin before soft_end, none past hard_end, which is not past the memory's end.
struct Stretch {
  uint32_t from;
  uint32_t soft_end;
  uint32_t hard_end;
  uint32_t max;  // records to select, 1 to kSelectionChunk
};

class Selection {
 public:
  enum Verdict : uint32_t { kNone = 0, kAll = 1, kFirstProgram = 2 };

  // `sample`: every so-manieth packet of those that match, from 1. `snaplen`: bytes of each that are shown, from 1.
  Selection(uint32_t sample, uint32_t snaplen) : sample_(sample), snaplen_(snaplen) {}

  // The program must be valid. Returns what decide() takes for it.
  uint32_t add_program(std::vector<BpfInstruction> program);
  // What becomes of an interface's packets: a Verdict, or a program's number. `linktype`: what they begin with.
  void decide(uint32_t interface, uint32_t verdict, uint32_t linktype);

  // Before the first pass. A member's has to be refreshed before each one. `common`: packets that don't tell their flow come to
  // every share.
  void set_share(const Share& share, bool common) {
    share_ = share;
    common_ = common;
  }
  Share& share() { return share_; }

  void run(const uint8_t* memory, const Stretch& stretch, Pass& pass);

 private:
  // About an interface.
  struct Decision {
    uint32_t verdict;
    uint32_t linktype;
  };

  bool matches(uint32_t verdict, const uint8_t* packet, uint32_t caplen, uint32_t origlen) const;

  const uint32_t sample_;
  const uint32_t snaplen_;
  Share share_;
  bool common_ = false;
  std::vector<BpfProgram> programs_;
  std::vector<Decision> decisions_;  // by interface
};

}  // namespace pkttap
