/* Maps what came with a welcome, if it is sealed and shaped as it must be. Everything taken out of a ring's header is taken once
 * and checked against what is mapped: the tap could change it afterwards. */
#ifndef PKTTAP_DETAIL_MEMORY_H
#define PKTTAP_DETAIL_MEMORY_H

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if !defined(MAP_POPULATE) || !defined(F_GET_SEALS)
#error "pkttap.h: include it before other headers, or define _GNU_SOURCE first"
#endif

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

#define PKTTAP_DETAIL_PAGE 4096u

static inline int pkttap_detail_refuse(struct pkttap_error *error, const char *why) {
  return pkttap_detail_fail(error, "ERR_TAP_RING", "can't map the tap's memory: %s", why);
}

/* Attack: memory that can shrink would end us with SIGBUS, and what others can write would forge what we see. */
static inline int pkttap_detail_check_file(int fd, int seals, uint64_t *bytes, struct pkttap_error *error) {
  struct stat status;
  const int have = fcntl(fd, F_GET_SEALS);
  if (have < 0) return pkttap_detail_refuse(error, "not a memfd");
  if ((have & seals) != seals) return pkttap_detail_refuse(error, "not sealed");
  if (fstat(fd, &status) != 0) return pkttap_detail_fail_system(error, "fstat");
  *bytes = (uint64_t)status.st_size;
  return 0;
}

static inline const char *pkttap_detail_ring_problem(const struct pkttap_ring_header *header, uint64_t file_bytes) {
  const uint64_t capacity = header->capacity;
  const uint64_t checkpoints_end =
      header->checkpoints_offset + (capacity >> PKTTAP_BLOCK_SHIFT) * sizeof(struct pkttap_checkpoint);
  if (header->magic != PKTTAP_RING_MAGIC) return "not a ring: wrong magic";
  if (capacity < PKTTAP_MIN_CAPACITY || capacity > PKTTAP_MAX_CAPACITY || (capacity & (capacity - 1)) != 0)
    return "ring capacity out of range";
  if (header->data_offset % PKTTAP_DETAIL_PAGE != 0 || header->data_offset + capacity != file_bytes)
    return "ring size differs from its header";
  if (header->checkpoints_offset < sizeof *header || header->checkpoints_offset % 8 != 0 ||
      header->interfaces_offset % 8 != 0 || checkpoints_end > header->interfaces_offset ||
      (uint64_t)header->interfaces_offset + header->interfaces_bytes > header->data_offset)
    return "ring header's regions overlap or lie outside it";
  return NULL;
}

/* Points the lane into the memory at `base`, which is as `header`, a checked copy, says. */
static inline void pkttap_detail_lay_out(struct pkttap_lane *lane, const uint8_t *base,
                                         const struct pkttap_ring_header *header) {
  lane->header = (const struct pkttap_ring_header *)(const void *)base;
  lane->checkpoints = (const struct pkttap_checkpoint *)(const void *)(base + header->checkpoints_offset);
  lane->interfaces = base + header->interfaces_offset;
  lane->interfaces_bytes = header->interfaces_bytes;
  lane->data = base + header->data_offset;
  lane->capacity = header->capacity;
}

/* The data region twice, back to back, so that no record splits at the wrap. */
static inline int pkttap_detail_map_twice(int fd, const struct pkttap_ring_header *header, struct pkttap_lane *lane,
                                          struct pkttap_error *error) {
  const size_t once = (size_t)(header->data_offset + header->capacity);
  const size_t bytes = once + (size_t)header->capacity;
  const int flags = MAP_SHARED | MAP_FIXED | MAP_POPULATE;
  void *range = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  uint8_t *base = (uint8_t *)range;
  if (range == MAP_FAILED) return pkttap_detail_fail_system(error, "mmap");
  if (mmap(base, once, PROT_READ, flags, fd, 0) == MAP_FAILED ||
      mmap(base + once, (size_t)header->capacity, PROT_READ, flags, fd, (off_t)header->data_offset) == MAP_FAILED) {
    pkttap_detail_fail_system(error, "mmap");
    munmap(range, bytes);
    return -1;
  }
  /* A core dump must not hold other people's packets. */
  madvise(range, bytes, MADV_DONTFORK);
  madvise(range, bytes, MADV_DONTDUMP);
  lane->mapped = bytes;
  pkttap_detail_lay_out(lane, base, header);
  return 0;
}

static inline int pkttap_detail_map_ring(int fd, struct pkttap_lane *lane, struct pkttap_error *error) {
  struct pkttap_ring_header header;
  uint64_t bytes = 0;
  const char *problem;
  if (pkttap_detail_check_file(fd, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL, &bytes, error) != 0)
    return -1;
  if (bytes < sizeof header || pread(fd, &header, sizeof header, 0) != (ssize_t)sizeof header)
    return pkttap_detail_refuse(error, "ring too small");
  if (header.magic == PKTTAP_RING_MAGIC && header.version != PKTTAP_LAYOUT_VERSION)
    return pkttap_detail_fail(error, "ERR_TAP_RING", "ring layout version %u, this program reads version %u",
                              (unsigned)header.version, PKTTAP_LAYOUT_VERSION);
  problem = pkttap_detail_ring_problem(&header, bytes);
  if (problem != NULL) return pkttap_detail_refuse(error, problem);
  return pkttap_detail_map_twice(fd, &header, lane, error);
}

static inline int pkttap_detail_map_cursor(int fd, struct pkttap_lane *lane, struct pkttap_error *error) {
  uint64_t bytes = 0;
  void *page;
  if (pkttap_detail_check_file(fd, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL, &bytes, error) != 0) return -1;
  if (bytes != sizeof *lane->cursor) return pkttap_detail_refuse(error, "cursor has the wrong size");
  page = mmap(NULL, sizeof *lane->cursor, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) return pkttap_detail_fail_system(error, "mmap");
  lane->cursor = (struct pkttap_cursor *)page;
  if (lane->cursor->magic != PKTTAP_CURSOR_MAGIC || lane->cursor->version != PKTTAP_LAYOUT_VERSION)
    return pkttap_detail_refuse(error, "not a cursor: wrong magic or version");
  return 0;
}

static inline void pkttap_detail_unmap(struct pkttap_lane *lane) {
  if (lane->header != NULL) munmap((void *)(uintptr_t)lane->header, lane->mapped);
  if (lane->cursor != NULL) munmap(lane->cursor, sizeof *lane->cursor);
  lane->header = NULL;
  lane->cursor = NULL;
}

#endif /* PKTTAP_DETAIL_MEMORY_H */
