// Which timestamp a replayed packet carries: the recorded one, the recorded one moved to the present, or the present.
#pragma once

#include <cstdint>

namespace pkttap {

enum class Timestamps : uint32_t {
  kOriginal = 0,
  kShift = 1,  // the first packet is now, the others as far from it as recorded; no loop and no file goes back in time
  kNow = 2,    // CLOCK_REALTIME when the packet goes to the ring
};

// The present by CLOCK_REALTIME, in ns since 1970.
uint64_t realtime_ns();

class Restamper {
 public:
  explicit Restamper(Timestamps kind) : kind_(kind) {}

  bool changes() const { return kind_ != Timestamps::kOriginal; }
  bool is_now() const { return kind_ == Timestamps::kNow; }

  // The gap between two files or two loops means nothing: the next packet has the time of the latest one so far.
  void start_file() { anchored_ = false; }
  // But for a gap that was asked for.
  void delay(uint64_t ns);

  // Unix time in ns for a packet recorded then. Beyond what 64 bits hold it stays at their end.
  uint64_t stamp(uint64_t ts_ns);

 private:
  const Timestamps kind_;
  bool anchored_ = false;
  uint64_t recorded_ns_ = 0;  // of the file's first packet
  uint64_t shown_ns_ = 0;     // what that became
  uint64_t latest_ns_ = 0;    // of all so far; 0: none yet
};

}  // namespace pkttap
