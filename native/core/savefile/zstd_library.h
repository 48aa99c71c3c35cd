// The system's libzstd, whose calls are declared by hand where they are used: their ABI is stable since 1.4, and Debian has
// the library wherever dpkg is, its headers hardly anywhere.
#pragma once

#include <cstddef>

#include "shared_library.h"

namespace pkttap {

constexpr const char* kZstdLibrary = "libzstd.so.1";
constexpr const char* kZstdMissing = "libzstd.so.1 is not installed (apt-get install libzstd1, apk add zstd-libs)";

// ZSTD_inBuffer and ZSTD_outBuffer of zstd.h.
struct ZstdIn {
  const void* bytes;
  size_t size;
  size_t position;
};
struct ZstdOut {
  void* bytes;
  size_t size;
  size_t position;
};

}  // namespace pkttap
