// A moment of looking out before an event loop sleeps. A core that has gone to sleep takes tens of microseconds to wake, more
// than a short message's whole way: where the last wait was short, the next one is mostly short, too.
#pragma once

#include <poll.h>
#include <uv.h>

#include <algorithm>

#include "../core/clock.h"

namespace pkttap {

// Runs on the loop's thread, when all its work is done, and ends as soon as any event of the loop is there. What it costs is
// bounded twice: by the time it is given, and by waits that are skipped after it has looked in vain, twice as many each time
// and half as many after a success. It looks in vain where the other side has to wait for this core.
class Linger final {
 public:
  Linger(uv_loop_t* loop, int fd) : handle_(new uv_prepare_t), fd_(fd) {
    uv_prepare_init(loop, handle_);
    uv_unref(reinterpret_cast<uv_handle_t*>(handle_));
    handle_->data = this;
  }
  Linger(const Linger&) = delete;
  Linger& operator=(const Linger&) = delete;

  // OWNER: libuv frees the handle after it has closed.
  ~Linger() {
    uv_close(reinterpret_cast<uv_handle_t*>(handle_), [](uv_handle_t* closed) { delete reinterpret_cast<uv_prepare_t*>(closed); });
  }

  // Somebody waits for these events of the descriptor, as poll(2) calls them.
  void arm(short events, uint64_t look_out_ns) {
    events_ = events;
    look_out_ns_ = look_out_ns;
    if (skip_ > 0) {
      --skip_;
      return;
    }
    uv_prepare_start(handle_, [](uv_prepare_t* handle) {
      uv_prepare_stop(handle);
      static_cast<Linger*>(handle->data)->look_out();
    });
  }

 private:
  static constexpr unsigned kMaxSkip = 256;

  void look_out() {
    // There is work left, or nothing to wait for.
    if (uv_backend_timeout(handle_->loop) == 0) return;
    pollfd watched[2] = {{fd_, events_, 0}, {uv_backend_fd(handle_->loop), POLLIN, 0}};
    const uint64_t deadline = monotonic_ns() + look_out_ns_;
    int found = 0;
    do {
      found = poll(watched, 2, 0);
    } while (found == 0 && monotonic_ns() < deadline);
    // Past the deadline others had the core meanwhile: to look out only keeps it from them.
    if (found == 0 || monotonic_ns() > deadline) {
      skip_ = next_skip_;
      next_skip_ = std::min(2 * next_skip_, kMaxSkip);
    } else if (watched[0].revents != 0) {
      next_skip_ = std::max(next_skip_ / 2, 1u);
    }
  }

  uv_prepare_t* handle_;
  int fd_;
  short events_ = 0;
  uint64_t look_out_ns_ = 0;
  unsigned skip_ = 0;
  unsigned next_skip_ = 1;
};

}  // namespace pkttap
