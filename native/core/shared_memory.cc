#include "shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

#include <cstdio>
#include <utility>

#include "memfd.h"

namespace pkttap {

namespace {

// Of what the tap alone writes.
constexpr int kWriterSeals = kSizeSeals | F_SEAL_FUTURE_WRITE;
constexpr uint32_t kPage = 4096;

// Room for 65,537 interfaces without options, the most that a capture in the test corpora declares.
constexpr uint32_t kInterfacesBytes = 2u << 20;

uint32_t round_to_page(uint64_t bytes) { return static_cast<uint32_t>((bytes + kPage - 1) & ~uint64_t{kPage - 1}); }

uint64_t unix_time_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

// Maps [0, data_offset + capacity) of the file and the data region once more behind it.
Status map_twice(int fd, size_t data_offset, size_t capacity, int protection, Mapping& mapping) {
  const size_t bytes = data_offset + 2 * capacity;
  void* range = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) return Status::from_errno("mmap");
  Mapping whole(static_cast<uint8_t*>(range), bytes);
  const int flags = MAP_SHARED | MAP_FIXED | MAP_POPULATE;
  uint8_t* base = whole.base();
  if (mmap(base, data_offset + capacity, protection, flags, fd, 0) == MAP_FAILED) return Status::from_errno("mmap");
  if (mmap(base + data_offset + capacity, capacity, protection, flags, fd, static_cast<off_t>(data_offset)) == MAP_FAILED)
    return Status::from_errno("mmap");
  // A forked child must not inherit a writable ring, and a core dump must not hold other people's packets.
  madvise(base, bytes, MADV_DONTFORK);
  madvise(base, bytes, MADV_DONTDUMP);
  mapping = std::move(whole);
  return Status::ok();
}

Status reopen_read_only(UniqueFd& fd) {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd.get());
  UniqueFd read_only(open(path, O_RDONLY | O_CLOEXEC));
  if (!read_only) return Status::from_errno("open");
  fd = std::move(read_only);
  return Status::ok();
}

bool is_power_of_two(uint64_t value) { return value != 0 && (value & (value - 1)) == 0; }

// The header came from another process: nothing in it is believed before it is checked against the file's size.
Status check_shape(const pkttap_ring_header& header, uint64_t file_bytes) {
  if (header.magic != PKTTAP_RING_MAGIC) return Status::invalid("not a ring: wrong magic");
  if (header.version != PKTTAP_LAYOUT_VERSION)
    return Status::invalid("ring layout version " + std::to_string(header.version) + ", this program reads version " +
                           std::to_string(PKTTAP_LAYOUT_VERSION));
  if (!is_power_of_two(header.capacity) || header.capacity < PKTTAP_MIN_CAPACITY ||
      header.capacity > PKTTAP_MAX_CAPACITY)
    return Status::invalid("ring capacity out of range: capacity=" + std::to_string(header.capacity));
  if (header.data_offset % kPage != 0 || uint64_t{header.data_offset} + header.capacity != file_bytes)
    return Status::invalid("ring size differs from its header: bytes=" + std::to_string(file_bytes));
  const uint64_t checkpoint_bytes = (header.capacity >> PKTTAP_BLOCK_SHIFT) * sizeof(pkttap_checkpoint);
  const bool inside = header.checkpoints_offset >= sizeof(pkttap_ring_header) && header.checkpoints_offset % 8 == 0 &&
                      header.interfaces_offset % 8 == 0 &&
                      header.checkpoints_offset + checkpoint_bytes <= header.interfaces_offset &&
                      uint64_t{header.interfaces_offset} + header.interfaces_bytes <= header.data_offset;
  if (!inside) return Status::invalid("ring header's regions overlap or lie outside it");
  return Status::ok();
}

void write_header(const RingShape& shape, uint32_t data_offset, uint32_t interfaces_offset, pkttap_ring_header& header) {
  header.magic = PKTTAP_RING_MAGIC;
  header.version = PKTTAP_LAYOUT_VERSION;
  header.data_offset = data_offset;
  header.capacity = shape.capacity;
  if (getrandom(&header.generation, sizeof header.generation, 0) != sizeof header.generation)
    header.generation = unix_time_ns();
  header.created_ns = unix_time_ns();
  header.first_position = shape.first_position;
  header.first_sequence = shape.first_sequence;
  header.checkpoints_offset = sizeof(pkttap_ring_header);
  header.interfaces_offset = interfaces_offset;
  header.interfaces_bytes = kInterfacesBytes;
  const uint64_t block = (uint64_t{1} << PKTTAP_BLOCK_SHIFT) - 1;
  header.tail_intent = (shape.first_position + block) & ~block;
  header.tail = shape.first_position;
  header.sequence = shape.first_sequence;
  header.kernel_dropped = PKTTAP_UNKNOWN;
  header.interface_dropped = PKTTAP_UNKNOWN;
}

}  // namespace

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  unmap();
  base_ = other.base_;
  bytes_ = other.bytes_;
  other.release();
  return *this;
}

void Mapping::unmap() {
  if (base_ != nullptr) munmap(base_, bytes_);
  release();
}

uint8_t* Mapping::release() {
  uint8_t* base = std::exchange(base_, nullptr);
  bytes_ = 0;
  return base;
}

Status create_ring(const RingShape& shape, RingMemory& ring) {
  const uint64_t checkpoint_bytes = (shape.capacity >> PKTTAP_BLOCK_SHIFT) * sizeof(pkttap_checkpoint);
  const uint32_t interfaces_offset = round_to_page(sizeof(pkttap_ring_header) + checkpoint_bytes);
  const uint32_t data_offset = interfaces_offset + kInterfacesBytes;
  if (auto status = create_memfd("pkttap-ring", data_offset + shape.capacity, ring.fd); !status) return status;
  if (auto status = map_twice(ring.fd.get(), data_offset, shape.capacity, PROT_READ | PROT_WRITE, ring.mapping); !status)
    return status;
  uint8_t* base = ring.mapping.base();
  ring.header = reinterpret_cast<pkttap_ring_header*>(base);
  ring.checkpoints = reinterpret_cast<pkttap_checkpoint*>(base + sizeof(pkttap_ring_header));
  ring.interfaces = base + interfaces_offset;
  ring.data = base + data_offset;
  write_header(shape, data_offset, interfaces_offset, *ring.header);
  if (fcntl(ring.fd.get(), F_ADD_SEALS, kWriterSeals) != 0) return Status::from_errno("fcntl F_ADD_SEALS");
  return reopen_read_only(ring.fd);
}

Status share_descriptor(const UniqueFd& fd, UniqueFd& shared) {
  shared.reset(fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
  return shared ? Status::ok() : Status::from_errno("fcntl F_DUPFD_CLOEXEC");
}

Status map_ring(int fd, Mapping& mapping) {
  if (auto status = check_seals(fd, kWriterSeals); !status) return status;
  uint64_t bytes = 0;
  if (auto status = file_size(fd, bytes); !status) return status;
  if (bytes < sizeof(pkttap_ring_header)) return Status::invalid("ring too small: bytes=" + std::to_string(bytes));
  void* page = mmap(nullptr, sizeof(pkttap_ring_header), PROT_READ, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) return Status::from_errno("mmap");
  const pkttap_ring_header header = *static_cast<pkttap_ring_header*>(page);
  munmap(page, sizeof(pkttap_ring_header));
  if (auto status = check_shape(header, bytes); !status) return status;
  return map_twice(fd, header.data_offset, header.capacity, PROT_READ, mapping);
}

Status create_shares(UniqueFd& fd, Mapping& mapping) {
  if (auto status = create_memfd("pkttap-shares", sizeof(pkttap_shares), fd); !status) return status;
  void* memory = mmap(nullptr, sizeof(pkttap_shares), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return Status::from_errno("mmap");
  mapping = Mapping(static_cast<uint8_t*>(memory), sizeof(pkttap_shares));
  auto* shares = static_cast<pkttap_shares*>(memory);
  shares->magic = PKTTAP_SHARES_MAGIC;
  shares->version = PKTTAP_LAYOUT_VERSION;
  if (fcntl(fd.get(), F_ADD_SEALS, kWriterSeals) != 0) return Status::from_errno("fcntl F_ADD_SEALS");
  return reopen_read_only(fd);
}

Status map_shares(int fd, Mapping& mapping) {
  if (auto status = check_seals(fd, kWriterSeals); !status) return status;
  uint64_t bytes = 0;
  if (auto status = file_size(fd, bytes); !status) return status;
  if (bytes != sizeof(pkttap_shares)) return Status::invalid("shares have the wrong size: bytes=" + std::to_string(bytes));
  void* memory = mmap(nullptr, sizeof(pkttap_shares), PROT_READ, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return Status::from_errno("mmap");
  Mapping checked(static_cast<uint8_t*>(memory), sizeof(pkttap_shares));
  const auto* shares = static_cast<const pkttap_shares*>(memory);
  if (shares->magic != PKTTAP_SHARES_MAGIC || shares->version != PKTTAP_LAYOUT_VERSION)
    return Status::invalid("not a share group's memory: wrong magic or version");
  mapping = std::move(checked);
  return Status::ok();
}

Status create_cursor(UniqueFd& fd, Mapping& mapping) {
  if (auto status = create_memfd("pkttap-cursor", sizeof(pkttap_cursor), fd); !status) return status;
  if (fcntl(fd.get(), F_ADD_SEALS, kSizeSeals) != 0) return Status::from_errno("fcntl F_ADD_SEALS");
  void* page = mmap(nullptr, sizeof(pkttap_cursor), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (page == MAP_FAILED) return Status::from_errno("mmap");
  mapping = Mapping(static_cast<uint8_t*>(page), sizeof(pkttap_cursor));
  auto* cursor = static_cast<pkttap_cursor*>(page);
  cursor->magic = PKTTAP_CURSOR_MAGIC;
  cursor->version = PKTTAP_LAYOUT_VERSION;
  return Status::ok();
}

Status map_cursor(int fd, Mapping& mapping) {
  if (auto status = check_seals(fd, kSizeSeals); !status) return status;
  uint64_t bytes = 0;
  if (auto status = file_size(fd, bytes); !status) return status;
  if (bytes != sizeof(pkttap_cursor)) return Status::invalid("cursor has the wrong size: bytes=" + std::to_string(bytes));
  void* page = mmap(nullptr, sizeof(pkttap_cursor), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) return Status::from_errno("mmap");
  Mapping checked(static_cast<uint8_t*>(page), sizeof(pkttap_cursor));
  const auto* cursor = static_cast<pkttap_cursor*>(page);
  if (cursor->magic != PKTTAP_CURSOR_MAGIC || cursor->version != PKTTAP_LAYOUT_VERSION)
    return Status::invalid("not a cursor: wrong magic or version");
  mapping = std::move(checked);
  return Status::ok();
}

}  // namespace pkttap
