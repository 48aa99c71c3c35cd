// When to publish each packet of a replay. The plan is kept from the beginning, in absolute time, so that a late
// packet does not delay the ones behind it: the error is against the plan, never against the previous packet.
#pragma once

#include <cstdint>

namespace pkttap {

struct Pace {
  enum class Kind : uint32_t {
    kTopSpeed,
    kOriginal,        // value: multiplier of the recorded speed
    kPacketsPerSecond,
    kBitsPerSecond,   // of origlen bytes, as tcpreplay counts
  };
  Kind kind = Kind::kOriginal;
  double value = 1;
  uint64_t longest_gap_ns = 0;  // between two packets, whatever the file or the rate says; 0: no limit
  uint64_t duration_ns = 0;     // from the first packet, pauses not counted; 0: no limit
};

class Pacer {
 public:
  explicit Pacer(Pace pace) : pace_(pace) {}

  // A gap in time between two files or two loops means nothing: the next packet follows at once.
  void start_file() { has_previous_ = false; }

  // When the packet is due, in CLOCK_MONOTONIC ns; 0: at once. A timestamp that goes back counts as no gap.
  uint64_t due(uint64_t ts_ns, uint32_t origlen);

  // Whether the replay's duration is over before a packet that is due then.
  bool is_over(uint64_t due_ns);

  // Makes the next packet due this much later than it would be, and all behind it; at top speed: from now.
  void delay(uint64_t ns);

  // The plan stood still (or, below 0, was run ahead of) for so long.
  void shift(int64_t ns) { start_ns_ += static_cast<uint64_t>(ns); }

 private:
  void advance(double gap_ns);

  const Pace pace_;
  bool started_ = false;
  bool has_previous_ = false;
  uint64_t start_ns_ = 0;
  uint64_t previous_ts_ns_ = 0;
  uint64_t delayed_until_ns_ = 0;  // at top speed; 0: not delayed
  uint64_t asked_ = 0;             // is_over() was, so often
  double plan_ns_ = 0;             // from the start
};

}  // namespace pkttap
