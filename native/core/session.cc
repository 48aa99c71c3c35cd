#include "session.h"

#include <sys/socket.h>

#include <utility>

#include "atomics.h"

namespace pkttap {

Session::Session(UniqueFd socket, Mapping cursor, uint64_t position, bool lossless)
    : socket_(std::move(socket)),
      mapping_(std::move(cursor)),
      cursor_(reinterpret_cast<pkttap_cursor*>(mapping_.base())),
      position_(position),
      lossless_(lossless) {
  store_release(cursor_->position, position);
}

void Session::check_position(uint64_t tail) {
  // ORDERING: acquire, partner: the consumer's store when it is done with a batch. Its reads of the ring come before.
  const uint64_t claimed = load_acquire(cursor_->position);
  // Attack: a cursor that goes back would hold the writer for ever, one past the tail would wave it through.
  if (claimed < position_) {
    fault_ = SessionFault::kCursorWentBack;
  } else if (claimed > tail) {
    fault_ = SessionFault::kCursorPastTail;
  } else if (claimed != position_) {
    position_ = claimed;
    waiting_since_ = {};
  }
}

void Session::ring_if_sleeping() {
  if (load_relaxed(cursor_->sleeping) == 0) return;
  exchange(cursor_->sleeping, 0u);
  // A full socket buffer means that it was rung before and hasn't looked yet; a dead peer is the control plane's to see.
  const char bell = 0;
  (void)send(socket_.get(), &bell, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void Session::make_lossy() {
  lossless_ = false;
  was_made_lossy_ = true;
}

uint64_t Session::delivered() const { return load_relaxed(cursor_->delivered); }

uint64_t Session::missed() const { return load_relaxed(cursor_->missed); }

}  // namespace pkttap
