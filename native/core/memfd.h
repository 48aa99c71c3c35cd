// Memory without a name: made, committed, and what can be known of one that somebody else made.
#pragma once

#include <fcntl.h>

#include <cstddef>
#include <cstdint>

#include "status.h"
#include "unique_fd.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

namespace pkttap {

// Nobody can change the size, or take the seals for incomplete: a mapping can't raise SIGBUS.
constexpr int kSizeSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

// An empty memfd: close-on-exec, sealable, not executable where the kernel knows how to say so.
Status open_memfd(const char* name, UniqueFd& fd);

// One of `bytes` zeros, committed, so that running out of memory is an error here and never a SIGBUS later; readable by
// its owner alone.
Status create_memfd(const char* name, size_t bytes, UniqueFd& fd);

// Fails unless the descriptor is a memfd with all of these seals.
Status check_seals(int fd, int wanted);

Status file_size(int fd, uint64_t& bytes);

}  // namespace pkttap
