#include "pacer.h"

#include <time.h>

namespace pkttap {

uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

uint64_t Pacer::due(uint64_t ts_ns, uint32_t origlen) {
  if (pace_.kind == Pace::Kind::kTopSpeed) return 0;
  if (!started_) {
    started_ = true;
    start_ns_ = monotonic_ns();
  }
  if (pace_.kind == Pace::Kind::kOriginal && has_previous_ && ts_ns > previous_ts_ns_)
    plan_ns_ += static_cast<double>(ts_ns - previous_ts_ns_) / pace_.value;
  has_previous_ = true;
  previous_ts_ns_ = ts_ns;
  const uint64_t due_ns = start_ns_ + static_cast<uint64_t>(plan_ns_);
  // A rate says how long this packet takes, and so when the next one is due.
  if (pace_.kind == Pace::Kind::kPacketsPerSecond) plan_ns_ += 1e9 / pace_.value;
  if (pace_.kind == Pace::Kind::kBitsPerSecond) plan_ns_ += origlen * 8e9 / pace_.value;
  return due_ns;
}

}  // namespace pkttap
