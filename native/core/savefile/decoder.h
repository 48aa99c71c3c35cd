// Compressed savefiles: which compression it is, by its first bytes, and its decoder. A decoder turns bytes into bytes, a
// bounded piece at a time, whatever the file claims; it neither reads nor waits. gzip is zlib, which Node carries and
// exports; libzstd and liblz4 are the system's own, loaded when the first such file is met.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace pkttap {

enum class Compression { kNone, kGzip, kZstd, kLz4 };

// The bytes that compression_of() needs to tell.
constexpr size_t kCompressionMagic = 4;
Compression compression_of(const uint8_t* bytes, size_t length);
const char* compression_name(Compression compression);

// How far one call came.
struct Progress {
  size_t taken = 0;          // bytes of the input used up
  size_t made = 0;           // bytes of the output filled
  bool frame_ended = false;  // a whole gzip member, zstd frame or lz4 frame is done and given out; another may follow
  std::string error;         // the library's words; empty: none
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  // `room` is at least 1. With no input it gives what it still holds.
  virtual Progress decode(const uint8_t* in, size_t bytes, uint8_t* out, size_t room) = 0;
};

// A decoder for anything but kNone. Null: `missing` says which library is lacking and how to get it.
std::unique_ptr<Decoder> make_decoder(Compression compression, std::string& missing);

// One function each, in a file each.
std::unique_ptr<Decoder> make_gzip_decoder(std::string& missing);
std::unique_ptr<Decoder> make_zstd_decoder(std::string& missing);
std::unique_ptr<Decoder> make_lz4_decoder(std::string& missing);

}  // namespace pkttap
