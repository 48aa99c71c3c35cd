// Waiting without sleeping, for times that a sleep would miss: a thread that sleeps comes back 50 µs late or more, however
// short it meant to.
#pragma once

#include <sched.h>

#include <cstdint>

#include "clock.h"

namespace pkttap {

// A sleep ends so long before it must be over; the rest is spun.
constexpr uint64_t kSpinNs = 100'000;

// Returns at that time of CLOCK_MONOTONIC. Whoever else has work for this core gets it meanwhile.
inline void spin_until(uint64_t ns) {
  while (monotonic_ns() < ns) sched_yield();
}

}  // namespace pkttap
