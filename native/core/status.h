// How native code reports failure: errno, the call that failed and, where errno can't say it, a sentence. No exceptions
// cross a thread or a module; TypeScript turns a status into an error.
#pragma once

#include <cerrno>
#include <string>
#include <utility>

namespace pkttap {

struct Status {
  int error = 0;              // an errno; 0: success
  const char* syscall = "";   // the call that failed, a string literal
  std::string detail;         // what was wrong, where it wasn't a system call

  explicit operator bool() const { return error == 0 && detail.empty(); }

  static Status ok() { return {}; }
  static Status from_errno(const char* syscall) { return {errno, syscall, {}}; }
  static Status invalid(std::string detail) { return {0, "", std::move(detail)}; }
};

}  // namespace pkttap
