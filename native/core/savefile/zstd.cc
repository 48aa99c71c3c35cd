// Zstandard (RFC 8878) through libzstd's streaming calls.
#include "decoder.h"
#include "zstd_library.h"

namespace pkttap {

namespace {

struct Library {
  SharedLibrary library{kZstdLibrary};
  void* (*create)() = nullptr;
  size_t (*free)(void*) = nullptr;
  size_t (*decompress)(void*, ZstdOut*, ZstdIn*) = nullptr;
  unsigned (*is_error)(size_t) = nullptr;
  const char* (*error_name)(size_t) = nullptr;
  const bool complete = library.find("ZSTD_createDStream", create) && library.find("ZSTD_freeDStream", free) &&
                        library.find("ZSTD_decompressStream", decompress) && library.find("ZSTD_isError", is_error) &&
                        library.find("ZSTD_getErrorName", error_name);
};

const Library& zstd() {
  static const Library library;
  return library;
}

// libzstd refuses windows beyond 128 MiB by itself; that bounds what a file can make it keep.
class ZstdDecoder final : public Decoder {
 public:
  // OWNER: the stream.
  ~ZstdDecoder() override { zstd().free(stream_); }

  Progress decode(const uint8_t* in, size_t bytes, uint8_t* out, size_t room) override {
    ZstdIn from{in, bytes, 0};
    ZstdOut to{out, room, 0};
    // 0: the frame is done and all of it given out; the next call begins the next frame.
    const size_t status = zstd().decompress(stream_, &to, &from);
    Progress progress{from.position, to.position, status == 0, {}};
    if (zstd().is_error(status) != 0) progress.error = zstd().error_name(status);
    return progress;
  }

 private:
  void* stream_ = zstd().create();
};

}  // namespace

std::unique_ptr<Decoder> make_zstd_decoder(std::string& missing) {
  if (zstd().complete) return std::make_unique<ZstdDecoder>();
  missing = kZstdMissing;
  return nullptr;
}

}  // namespace pkttap
