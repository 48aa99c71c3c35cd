// Waiting for a file to grow, as `tail -f` does. It looks at the file's size every now and then: inotify tells nothing of
// what other machines write, and a twentieth of a second more makes no difference to a file.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace pkttap {

enum class Growth {
  kGrown,      // there is more to read
  kStopped,
  kTruncated,  // it is shorter than what was read
  kReplaced,   // its name is gone, or is another file's now; nothing more was in the old one
};

// Waits until the file open as `fd`, of which `read` bytes were read, has more, or never will.
Growth wait_for_growth(int fd, const std::string& path, uint64_t read, const std::atomic<bool>& stopped);

}  // namespace pkttap
