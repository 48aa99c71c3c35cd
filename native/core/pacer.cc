#include "pacer.h"

#include <algorithm>
#include <utility>

#include "clock.h"

namespace pkttap {

namespace {

// The clock is asked whether the duration is over once in so many packets (a power of two): at top speed it would be most
// of what a packet costs.
constexpr uint64_t kPacketsPerLook = 64;

}  // namespace

uint64_t Pacer::due(uint64_t ts_ns, uint32_t origlen) {
  if (!started_) {
    started_ = true;
    start_ns_ = monotonic_ns();
  }
  if (pace_.kind == Pace::Kind::kTopSpeed) return std::exchange(delayed_until_ns_, 0);
  if (pace_.kind == Pace::Kind::kOriginal && has_previous_ && ts_ns > previous_ts_ns_)
    advance(static_cast<double>(ts_ns - previous_ts_ns_) / pace_.value);
  has_previous_ = true;
  previous_ts_ns_ = ts_ns;
  const uint64_t due_ns = start_ns_ + static_cast<uint64_t>(plan_ns_);
  // A rate says how long this packet takes, and so when the next one is due.
  if (pace_.kind == Pace::Kind::kPacketsPerSecond) advance(1e9 / pace_.value);
  if (pace_.kind == Pace::Kind::kBitsPerSecond) advance(origlen * 8e9 / pace_.value);
  return due_ns;
}

void Pacer::advance(double gap_ns) {
  const auto longest = static_cast<double>(pace_.longest_gap_ns);
  plan_ns_ += pace_.longest_gap_ns == 0 ? gap_ns : std::min(gap_ns, longest);
}

bool Pacer::is_over(uint64_t due_ns) {
  if (pace_.duration_ns == 0) return false;
  const uint64_t end_ns = start_ns_ + pace_.duration_ns;
  return due_ns >= end_ns || (++asked_ % kPacketsPerLook == 0 && monotonic_ns() >= end_ns);
}

void Pacer::delay(uint64_t ns) {
  if (pace_.kind == Pace::Kind::kTopSpeed)
    delayed_until_ns_ = monotonic_ns() + ns;
  else
    plan_ns_ += static_cast<double>(ns);
}

}  // namespace pkttap
