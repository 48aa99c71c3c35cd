#include "session.h"

#include <utility>

#include "atomics.h"

namespace pkttap {

Session::Session(std::shared_ptr<Consumer> consumer, size_t lane, const RecordPlace& begin)
    : consumer_(std::move(consumer)),
      cursor_(consumer_->cursor(lane)),
      position_(begin.position),
      first_sequence_(begin.sequence) {
  store_release(cursor_.position, begin.position);
}

void Session::check_position(uint64_t tail) {
  // ORDERING: acquire, partner: the consumer's store when it is done with a batch. Its reads of the ring come before.
  const uint64_t claimed = load_acquire(cursor_.position);
  // Attack: a cursor that goes back would hold the writer for ever, one past the tail would wave it through.
  if (claimed < position_) {
    fault_ = SessionFault::kCursorWentBack;
  } else if (claimed > tail) {
    fault_ = SessionFault::kCursorPastTail;
  } else {
    position_ = claimed;
  }
}

bool Session::has_stalled(std::chrono::milliseconds timeout) {
  const auto now = Clock::now();
  const uint64_t progress = consumer_->progress();
  if (waiting_since_ == Clock::time_point{} || progress != progress_) {
    waiting_since_ = now;
    progress_ = progress;
  }
  return now - waiting_since_ >= timeout;
}

uint64_t Session::delivered() const { return load_relaxed(cursor_.delivered); }

uint64_t Session::missed() const { return load_relaxed(cursor_.missed); }

uint64_t Session::filtered() const { return load_relaxed(cursor_.filtered); }

}  // namespace pkttap
