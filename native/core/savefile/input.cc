#include "input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace pkttap {

namespace {

// How long a read from a pipe sleeps before it looks whether it was told to stop.
constexpr int kPollMs = 50;

}  // namespace

Input::Input(UniqueFd fd, const std::atomic<bool>& stopped)
    : fd_(std::move(fd)), stopped_(stopped), buffer_(new uint8_t[kLargestWant + kChunk]) {
  struct stat status {};
  can_wait_ = fstat(fd_.get(), &status) == 0 && !S_ISREG(status.st_mode);
  posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
}

void Input::on_wait(void (*before_wait)(void*), void* context) {
  before_wait_ = before_wait;
  context_ = context;
}

size_t Input::fill(size_t bytes) {
  std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  while (end_ < bytes && read_chunk()) {
  }
  return std::min(end_, bytes);
}

bool Input::read_chunk() {
  // A file of packets that all are filtered out never waits: here is where it hears that it should stop.
  if (stopped()) return false;
  if (can_wait_ && !wait_readable()) return false;
  for (;;) {
    const ssize_t got = read(fd_.get(), buffer_.get() + end_, kChunk);
    if (got > 0) {
      end_ += static_cast<size_t>(got);
      read_ += static_cast<uint64_t>(got);
      return true;
    }
    if (got == 0) return false;
    if (errno == EINTR) continue;
    if (errno == EAGAIN && wait_readable()) continue;
    error_ = stopped() ? 0 : errno;
    return false;
  }
}

// A pipe's writer may be slow: what was parsed goes to the consumers first, and a stop is noticed while waiting.
bool Input::wait_readable() {
  pollfd item{fd_.get(), POLLIN, 0};
  if (poll(&item, 1, 0) > 0) return true;
  if (before_wait_ != nullptr) before_wait_(context_);
  while (!stopped())
    if (poll(&item, 1, kPollMs) > 0) return true;
  return false;
}

bool Input::skip(uint64_t bytes) {
  while (bytes > 0) {
    const size_t step = want(static_cast<size_t>(std::min<uint64_t>(bytes, kChunk)));
    if (step == 0) return false;
    consume(step);
    bytes -= step;
  }
  return true;
}

}  // namespace pkttap
