// Memory that travels in messages. Sealed: written once, then nobody, its maker included, can change it or its size, so a
// receiver may rely on what it has checked. Shared: its size is sealed, its content is both sides' to write.
#pragma once

#include <cstddef>
#include <cstdint>

#include "shared_memory.h"
#include "status.h"
#include "unique_fd.h"

namespace pkttap {

// A memfd with a copy of the bytes, sealed against writing and resizing.
Status create_sealed(const uint8_t* data, size_t bytes, UniqueFd& fd);

// Fails unless it is a sealed memfd of at most `max_bytes`; says how many they are. What was checked stays so.
Status check_sealed(int fd, uint64_t max_bytes, uint64_t& bytes);

// Maps one that was checked. The mapping is private: writing to it changes this process's copy of the page and nothing else.
Status map_sealed(int fd, uint64_t bytes, Mapping& mapping);

// The same as a copy: cheaper than a mapping, if it is short.
Status read_sealed(int fd, uint8_t* data, uint64_t bytes);

// A committed memfd of zeros whose size is sealed, mapped writable here.
Status create_shared(size_t bytes, UniqueFd& fd, Mapping& mapping);

// Maps such memory of somebody else's, writable, after checking seals and size.
Status map_shared(int fd, uint64_t min_bytes, uint64_t max_bytes, Mapping& mapping);

}  // namespace pkttap
