#include "privilege.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "every_thread.h"

namespace pkttap {

namespace {

int attempt(int option, unsigned long first = 0, unsigned long second = 0) {
  return prctl(option, first, second, 0, 0) == 0 ? 0 : errno;
}

// While they can still be given up: without CAP_SETPCAP the bounding set stays, which no_new_privs makes meaningless.
int drop_bounds(const void*) {
  for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
    (void)attempt(PR_CAPBSET_DROP, capability);
  return attempt(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
}

// Otherwise a thread loses them all the moment it is no longer root.
int hold_capabilities(const void*) { return attempt(PR_SET_KEEPCAPS, 1); }

int keep_only(const void* argument) {
  const uint64_t kept = *static_cast<const uint64_t*>(argument);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3]{};
  if (syscall(SYS_capget, &header, sets) != 0) return errno;
  for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; ++i) {
    sets[i].permitted &= static_cast<uint32_t>(kept >> (32 * i));
    sets[i].effective = sets[i].permitted;
    sets[i].inheritable = 0;
  }
  return syscall(SYS_capset, &header, sets) == 0 ? 0 : errno;
}

int forbid_new_privileges(const void*) { return attempt(PR_SET_NO_NEW_PRIVS, 1); }

// libc takes care of all threads. Groups first: who is no longer root can't change them.
Status become(const User& user) {
  if (initgroups(user.name.c_str(), user.gid) != 0) return Status::from_errno("initgroups");
  if (setresgid(user.gid, user.gid, user.gid) != 0) return Status::from_errno("setresgid");
  if (setresuid(user.uid, user.uid, user.uid) != 0) return Status::from_errno("setresuid");
  return Status::ok();
}

}  // namespace

Status relinquish(const std::optional<User>& user, uint64_t kept) {
  if (auto status = on_every_thread("prctl", drop_bounds, nullptr); !status) return status;
  if (user) {
    if (kept != 0)
      if (auto status = on_every_thread("prctl", hold_capabilities, nullptr); !status) return status;
    if (auto status = become(*user); !status) return status;
  }
  return on_every_thread("capset", keep_only, &kept);
}

// The group first: who is no longer root can't change it. Both calls give back what was before.
FileIdentity::FileIdentity(uid_t uid, gid_t gid)
    : gid_(static_cast<gid_t>(setfsgid(gid))), uid_(static_cast<uid_t>(setfsuid(uid))) {}

FileIdentity::~FileIdentity() {
  setfsuid(uid_);
  setfsgid(gid_);
}

Status harden() {
  if (auto status = on_every_thread("prctl", forbid_new_privileges, nullptr); !status) return status;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return Status::from_errno("prctl");
  const rlimit nothing{0, 0};
  return setrlimit(RLIMIT_CORE, &nothing) == 0 ? Status::ok() : Status::from_errno("setrlimit");
}

}  // namespace pkttap
