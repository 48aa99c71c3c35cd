// The gate that every packet of a replay passes: not before it is due, not while the replay is paused (but for single
// packets, step by step), and not after a stop. A pause delays the plan by as long as it took, so that no burst follows.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace pkttap {

class Gate {
 public:
  // --- any thread ---

  void stop();
  void pause();
  // Goes on at the pace of the plan; steps not yet taken are forgotten.
  void resume();
  // Pauses, and lets this many packets through at once, whenever they are due.
  void step(uint64_t packets);
  bool paused() const { return paused_.load(std::memory_order_relaxed); }

  // --- the replay's thread ---

  // Whether a packet that is due then (CLOCK_MONOTONIC ns; 0: at once) may go without waiting. Costs no system call.
  bool is_open(uint64_t due_ns) const;
  // Waits for that. `shift_ns`: how much later (or, after steps, earlier) the plan goes on. False: stopped.
  bool pass(uint64_t due_ns, int64_t& shift_ns);

 private:
  bool take_step(std::unique_lock<std::mutex>& lock, uint64_t due_ns);
  int64_t end_pause();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> paused_{false};  // written under mutex_; relaxed: nothing else is read by its value
  bool stopped_ = false;             // under mutex_
  uint64_t steps_ = 0;               // under mutex_
  uint64_t plan_clock_ns_ = 0;       // the thread's own: where the plan stands still; 0: it doesn't
};

}  // namespace pkttap
