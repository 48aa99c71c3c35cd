#include "follow.h"

#include <poll.h>
#include <sys/stat.h>

namespace pkttap {

namespace {

constexpr int kLookMs = 50;

// A name that is missing for now is no replacement: a rotation renames first and creates then.
bool is_replaced(const struct stat& open, const std::string& path) {
  struct stat named {};
  if (open.st_nlink == 0) return true;
  return stat(path.c_str(), &named) == 0 && (named.st_ino != open.st_ino || named.st_dev != open.st_dev);
}

}  // namespace

Growth wait_for_growth(int fd, const std::string& path, uint64_t read, const std::atomic<bool>& stopped) {
  bool replaced = false;
  while (!stopped.load(std::memory_order_relaxed)) {
    struct stat open {};
    if (fstat(fd, &open) != 0) return Growth::kReplaced;
    const auto size = static_cast<uint64_t>(open.st_size);
    if (size > read) return Growth::kGrown;
    if (size < read) return Growth::kTruncated;
    // Asked a second time after the name was seen to change: what was written before that is not left behind.
    if (replaced) return Growth::kReplaced;
    replaced = is_replaced(open, path);
    if (!replaced) poll(nullptr, 0, kLookMs);
  }
  return Growth::kStopped;
}

}  // namespace pkttap
