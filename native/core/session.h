// A consumer in one lane, as that lane's writer sees it: how far it has read, by its cursor, as far as that can be believed.
// All of it is used under the writer's mutex.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "consumer.h"
#include "ring_history.h"

namespace pkttap {

enum class SessionFault : uint32_t {
  kNone = 0,
  kCursorWentBack = 1,
  kCursorPastTail = 2,
};

class Session {
 public:
  using Clock = std::chrono::steady_clock;

  Session(std::shared_ptr<Consumer> consumer, size_t lane, const RecordPlace& begin);

  // Reads the cursor, and believes it only if it moved forward and not past the tail.
  void check_position(uint64_t tail);

  Consumer& consumer() { return *consumer_; }
  bool gates() const { return consumer_->lossless() && fault_ == SessionFault::kNone; }
  // Call when the writer waits for this session: whether it has done so for this long without seeing the consumer move,
  // here or in another lane.
  bool has_stalled(std::chrono::milliseconds timeout);

  SessionFault fault() const { return fault_; }
  uint64_t position() const { return position_; }
  // Of the packet at its position, by its own word.
  uint64_t sequence() const { return first_sequence_ + delivered() + missed() + filtered(); }
  uint64_t delivered() const;
  uint64_t missed() const;
  uint64_t filtered() const;

 private:
  const std::shared_ptr<Consumer> consumer_;
  pkttap_cursor& cursor_;
  uint64_t position_;
  const uint64_t first_sequence_;
  SessionFault fault_ = SessionFault::kNone;
  Clock::time_point waiting_since_{};  // the epoch: the writer doesn't wait
  uint64_t progress_ = 0;              // the consumer's, when that was
};

}  // namespace pkttap
