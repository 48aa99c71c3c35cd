#include "decoder.h"

#include <cstring>

namespace pkttap {

Compression compression_of(const uint8_t* bytes, size_t length) {
  if (length >= 2 && std::memcmp(bytes, "\x1f\x8b", 2) == 0) return Compression::kGzip;
  if (length >= 4 && std::memcmp(bytes, "\x28\xb5\x2f\xfd", 4) == 0) return Compression::kZstd;
  if (length >= 4 && std::memcmp(bytes, "\x04\x22\x4d\x18", 4) == 0) return Compression::kLz4;
  return Compression::kNone;
}

const char* compression_name(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
    case Compression::kLz4:
      return "lz4";
    default:
      return "none";
  }
}

std::unique_ptr<Decoder> make_decoder(Compression compression, std::string& missing) {
  switch (compression) {
    case Compression::kZstd:
      return make_zstd_decoder(missing);
    case Compression::kLz4:
      return make_lz4_decoder(missing);
    default:
      return make_gzip_decoder(missing);
  }
}

}  // namespace pkttap
