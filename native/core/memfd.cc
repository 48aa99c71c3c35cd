#include "memfd.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cstdio>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

namespace pkttap {

Status open_memfd(const char* name, UniqueFd& fd) {
  // Kernels before 6.3 don't know MFD_NOEXEC_SEAL; it is a second line, not the first.
  fd.reset(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL));
  if (!fd && errno == EINVAL) fd.reset(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  return fd ? Status::ok() : Status::from_errno("memfd_create");
}

Status create_memfd(const char* name, size_t bytes, UniqueFd& fd) {
  if (auto status = open_memfd(name, fd); !status) return status;
  // ftruncate would promise memory that may not exist; fallocate commits it.
  if (fallocate(fd.get(), 0, 0, static_cast<off_t>(bytes)) != 0) return Status::from_errno("fallocate");
  // Another user who gets hold of the descriptor can't reopen it for writing.
  if (fchmod(fd.get(), 0400) != 0) return Status::from_errno("fchmod");
  return Status::ok();
}

Status check_seals(int fd, int wanted) {
  const int seals = fcntl(fd, F_GET_SEALS);
  // Refuses a plain file or an unsealed memfd: whoever holds it could shrink it and kill its readers with SIGBUS.
  if (seals < 0) return Status::invalid("not a memfd: the other side sent something that is not shared memory");
  if ((seals & wanted) != wanted) {
    char text[64];
    std::snprintf(text, sizeof text, "not sealed: seals=%#x wanted=%#x", seals, wanted);
    return Status::invalid(text);
  }
  return Status::ok();
}

Status file_size(int fd, uint64_t& bytes) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return Status::from_errno("fstat");
  bytes = static_cast<uint64_t>(status.st_size);
  return Status::ok();
}

}  // namespace pkttap
