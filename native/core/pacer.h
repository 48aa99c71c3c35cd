// When to publish each packet of a replay. The plan is kept from the beginning, in absolute time, so that a late
// packet does not delay the ones behind it: the error is against the plan, never against the previous packet.
#pragma once

#include <cstdint>
#include <functional>

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
};

class Pacer {
 public:
  explicit Pacer(Pace pace) : pace_(pace) {}

  // A gap in time between two files or two loops means nothing: the next packet follows at once.
  void start_file() { has_previous_ = false; }

  // When the packet is due, in CLOCK_MONOTONIC ns; 0: at once. A timestamp that goes back counts as no gap.
  uint64_t due(uint64_t ts_ns, uint32_t origlen);

 private:
  Pace pace_;
  bool started_ = false;
  bool has_previous_ = false;
  uint64_t start_ns_ = 0;
  uint64_t previous_ts_ns_ = 0;
  double plan_ns_ = 0;  // from the start
};

uint64_t monotonic_ns();

}  // namespace pkttap
