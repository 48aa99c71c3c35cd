#include "restamper.h"

#include <time.h>

#include <algorithm>

namespace pkttap {

uint64_t realtime_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

namespace {

uint64_t add(uint64_t a, uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }
uint64_t subtract(uint64_t a, uint64_t b) { return a < b ? 0 : a - b; }

}  // namespace

void Restamper::delay(uint64_t ns) {
  if (latest_ns_ != 0) latest_ns_ = add(latest_ns_, ns);
}

uint64_t Restamper::stamp(uint64_t ts_ns) {
  if (kind_ == Timestamps::kOriginal) return ts_ns;
  if (kind_ == Timestamps::kNow) return realtime_ns();
  if (!anchored_) {
    anchored_ = true;
    recorded_ns_ = ts_ns;
    shown_ns_ = latest_ns_ != 0 ? latest_ns_ : realtime_ns();
  }
  const uint64_t shown = ts_ns >= recorded_ns_ ? add(shown_ns_, ts_ns - recorded_ns_)
                                               : subtract(shown_ns_, recorded_ns_ - ts_ns);
  latest_ns_ = std::max(latest_ns_, shown);
  return shown;
}

}  // namespace pkttap
