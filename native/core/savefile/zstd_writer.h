// A savefile as one Zstandard frame (RFC 8878), made piece by piece: what a piece gives can be unpacked as soon as it is there.
// One frame, because Wireshark 4.0 finds a second one only within the first 128 KiB of a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "../status.h"

namespace pkttap {

class ZstdWriter {
 public:
  // Null if libzstd isn't installed; then `missing` says how to get it.
  static std::unique_ptr<ZstdWriter> create(std::string& missing);
  virtual ~ZstdWriter() = default;
  // The bytes that the frame goes on with, whole blocks; the first time with the frame's header. From any thread, one at a
  // time. The frame ends with an empty last block: the bytes 1, 0, 0.
  virtual Status compress(const uint8_t* bytes, size_t length, std::vector<uint8_t>& out) = 0;
};

}  // namespace pkttap
