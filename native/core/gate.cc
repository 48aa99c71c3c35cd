#include "gate.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "clock.h"
#include "spin.h"

namespace pkttap {

namespace {

// steady_clock is CLOCK_MONOTONIC in libstdc++ and libc++ on Linux.
std::chrono::steady_clock::time_point time_point(uint64_t monotonic) {
  return std::chrono::steady_clock::time_point{std::chrono::nanoseconds(monotonic)};
}

}  // namespace

void Gate::stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
}

void Gate::pause() {
  {
    std::lock_guard lock(mutex_);
    paused_.store(true, std::memory_order_relaxed);
  }
  wake_.notify_all();
}

void Gate::resume() {
  {
    std::lock_guard lock(mutex_);
    paused_.store(false, std::memory_order_relaxed);
    steps_ = 0;
  }
  wake_.notify_all();
}

void Gate::step(uint64_t packets) {
  {
    std::lock_guard lock(mutex_);
    paused_.store(true, std::memory_order_relaxed);
    steps_ += packets;
  }
  wake_.notify_all();
}

bool Gate::is_open(uint64_t due_ns) const {
  if (paused() || plan_clock_ns_ != 0) return false;
  return due_ns == 0 || due_ns <= monotonic_ns();
}

bool Gate::pass(uint64_t due_ns, int64_t& shift_ns) {
  shift_ns = 0;
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (paused()) {
      if (take_step(lock, due_ns)) return true;
      continue;
    }
    shift_ns += end_pause();
    const uint64_t due = due_ns == 0 ? 0 : due_ns + static_cast<uint64_t>(shift_ns);
    if (wake_.wait_until(lock, time_point(due - std::min(due, kSpinNs)), [this] { return stopped_ || paused(); })) continue;
    lock.unlock();
    spin_until(due);
    lock.lock();
    if (!stopped_ && !paused()) return true;
  }
  return false;
}

// Waits, while paused, for a step. The plan's clock stands still meanwhile; a step sets it to when its packet was due, so
// that the plan goes on from there.
bool Gate::take_step(std::unique_lock<std::mutex>& lock, uint64_t due_ns) {
  if (plan_clock_ns_ == 0) plan_clock_ns_ = monotonic_ns();
  wake_.wait(lock, [this] { return stopped_ || !paused() || steps_ > 0; });
  if (stopped_ || !paused()) return false;
  --steps_;
  plan_clock_ns_ = std::max(plan_clock_ns_, due_ns);
  return true;
}

// By how much the plan is later than it was before the pause.
int64_t Gate::end_pause() {
  if (plan_clock_ns_ == 0) return 0;
  return static_cast<int64_t>(monotonic_ns() - std::exchange(plan_clock_ns_, 0));
}

}  // namespace pkttap
