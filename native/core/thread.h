// A thread that its owner joins, at the latest when it goes. Unlike std::thread, which ends the process, it tells when the
// system has none to give.
#pragma once

#include <sys/prctl.h>

#include <system_error>
#include <thread>
#include <utility>

#include "status.h"

namespace pkttap {

class Thread {
 public:
  Thread() = default;
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread() { join(); }

  // Once. `name` is a literal of at most 15 letters, as `top -H` shows it. Not ok: EAGAIN, pthread_create(3), and `body` won't run.
  template <typename Body>
  Status start(const char* name, Body body) {
    try {
      thread_ = std::thread([name, body = std::move(body)]() mutable {
        prctl(PR_SET_NAME, name);
        body();
      });
    } catch (const std::system_error& error) {
      return {error.code().value(), "pthread_create", {}};
    }
    return Status::ok();
  }

  // Until then a thread that is over still takes up its stack's address space, and one of the system's threads.
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  // False: never started, or joined.
  bool joinable() const { return thread_.joinable(); }

 private:
  std::thread thread_;
};

}  // namespace pkttap
