#include "message_memory.h"

#include <sys/mman.h>

#include <string>

#include "memfd.h"

namespace pkttap {

namespace {

constexpr int kContentSeals = kSizeSeals | F_SEAL_WRITE;

Status write_all(int fd, const uint8_t* data, size_t bytes) {
  while (bytes > 0) {
    const ssize_t written = write(fd, data, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Status::from_errno("write");
    data += written;
    bytes -= static_cast<size_t>(written);
  }
  return Status::ok();
}

Status check_size(int fd, uint64_t min_bytes, uint64_t max_bytes, uint64_t& bytes) {
  if (auto status = file_size(fd, bytes); !status) return status;
  if (bytes >= min_bytes && bytes <= max_bytes) return Status::ok();
  return Status::invalid("memory of " + std::to_string(bytes) + " bytes, from " + std::to_string(min_bytes) + " to " +
                         std::to_string(max_bytes) + " expected");
}

Status map_all(int fd, size_t bytes, int flags, Mapping& mapping) {
  if (bytes == 0) return Status::ok();
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (base == MAP_FAILED) return Status::from_errno("mmap");
  mapping = Mapping(static_cast<uint8_t*>(base), bytes);
  return Status::ok();
}

}  // namespace

Status create_sealed(const uint8_t* data, size_t bytes, UniqueFd& fd) {
  if (auto status = open_memfd("pkttap-message", fd); !status) return status;
  if (auto status = write_all(fd.get(), data, bytes); !status) return status;
  if (fcntl(fd.get(), F_ADD_SEALS, kContentSeals) != 0) return Status::from_errno("fcntl F_ADD_SEALS");
  return Status::ok();
}

Status check_sealed(int fd, uint64_t max_bytes, uint64_t& bytes) {
  // Attack: memory that changes or shrinks after it was looked at.
  if (auto status = check_seals(fd, kContentSeals); !status) return status;
  return check_size(fd, 0, max_bytes, bytes);
}

Status map_sealed(int fd, uint64_t bytes, Mapping& mapping) { return map_all(fd, bytes, MAP_PRIVATE, mapping); }

Status read_sealed(int fd, uint8_t* data, uint64_t bytes) {
  for (uint64_t at = 0; at < bytes;) {
    const ssize_t got = pread(fd, data + at, bytes - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Status::from_errno("pread");
    at += static_cast<uint64_t>(got);
  }
  return Status::ok();
}

Status create_shared(size_t bytes, UniqueFd& fd, Mapping& mapping) {
  if (auto status = create_memfd("pkttap-shared", bytes, fd); !status) return status;
  if (fcntl(fd.get(), F_ADD_SEALS, kSizeSeals) != 0) return Status::from_errno("fcntl F_ADD_SEALS");
  // It will all be written to: at once costs a fraction of page by page.
  return map_all(fd.get(), bytes, MAP_SHARED | MAP_POPULATE, mapping);
}

Status map_shared(int fd, uint64_t min_bytes, uint64_t max_bytes, Mapping& mapping) {
  if (auto status = check_seals(fd, kSizeSeals); !status) return status;
  uint64_t bytes = 0;
  if (auto status = check_size(fd, min_bytes, max_bytes, bytes); !status) return status;
  return map_all(fd, bytes, MAP_SHARED, mapping);
}

}  // namespace pkttap
