// Giving up what a tap no longer needs once its devices are open: user, groups, capabilities, and all ways to get any of
// it back. On every thread, so that none of them is a way around.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "status.h"

namespace pkttap {

struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

// Becomes the user, with the groups that the system says it has, if one is given; then gives up all capabilities but
// `kept` (bits as capabilities(7) numbers them), the bounding set as well where that is allowed. Nothing is undone when it
// fails halfway: the process should end.
Status relinquish(const std::optional<User>& user, uint64_t kept);

// While it exists, this thread makes and opens files as another user would, who need not trust what others put in the
// folder. Needs CAP_SETUID and CAP_SETGID; without them nothing changes, and the kernel says so only by refusing files.
class FileIdentity {
 public:
  FileIdentity(uid_t uid, gid_t gid);
  FileIdentity(const FileIdentity&) = delete;
  FileIdentity& operator=(const FileIdentity&) = delete;
  ~FileIdentity();

 private:
  gid_t gid_;
  uid_t uid_;
};

// What costs nothing to anybody: programs that it starts get no more than it has (no_new_privs), other processes of the
// same user can't look into its memory, and it leaves no core file.
Status harden();

}  // namespace pkttap
