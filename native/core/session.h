// One consumer as the ring's writer sees it: its cursor, which it may scribble on, and the socket its doorbell is rung
// through. All of it is used under the writer's mutex.
#pragma once

#include <chrono>
#include <cstdint>

#include "shared_memory.h"

namespace pkttap {

enum class SessionFault : uint32_t {
  kNone = 0,
  kCursorWentBack = 1,
  kCursorPastTail = 2,
};

class Session {
 public:
  // OWNER: the session owns the cursor's mapping and its own duplicate of the socket.
  Session(UniqueFd socket, Mapping cursor, uint64_t position, bool lossless);

  // Reads the cursor, and believes it only if it moved forward and not past the tail.
  void check_position(uint64_t tail);

  // Rings if the consumer said that it sleeps. Call after the tail was stored and a full fence.
  void ring_if_sleeping();

  bool gates() const { return lossless_ && fault_ == SessionFault::kNone; }
  bool lossless() const { return lossless_; }
  void make_lossy();
  bool was_made_lossy() const { return was_made_lossy_; }
  SessionFault fault() const { return fault_; }
  // Since when the writer has waited for this session without seeing it move; the epoch: it doesn't wait.
  std::chrono::steady_clock::time_point& waiting_since() { return waiting_since_; }
  uint64_t position() const { return position_; }
  uint64_t delivered() const;
  uint64_t missed() const;

 private:
  UniqueFd socket_;
  Mapping mapping_;
  pkttap_cursor* cursor_;
  uint64_t position_;
  bool lossless_;
  bool was_made_lossy_ = false;
  SessionFault fault_ = SessionFault::kNone;
  std::chrono::steady_clock::time_point waiting_since_{};
};

}  // namespace pkttap
