// How many packets a capture may take, over all of its threads, to the packet.
#pragma once

#include <atomic>
#include <cstdint>

namespace pkttap {

// Threads: any.
class PacketBudget {
 public:
  // 0: no limit.
  explicit PacketBudget(uint64_t packets) : limit_(packets) {}

  // Whether one more packet may be taken; then it counts. ORDERING: relaxed, nothing else is read by its value.
  bool take() { return limit_ == 0 || taken_.fetch_add(1, std::memory_order_relaxed) < limit_; }
  bool spent() const { return limit_ != 0 && taken_.load(std::memory_order_relaxed) >= limit_; }

 private:
  const uint64_t limit_;
  std::atomic<uint64_t> taken_{0};
};

}  // namespace pkttap
