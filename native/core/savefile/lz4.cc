// LZ4 frames (lz4_Frame_format.md) through liblz4's LZ4F calls. Their ABI is stable since 1.7, and declared here by hand
// for the reason given in zstd.cc.
#include "decoder.h"
#include "shared_library.h"

namespace pkttap {

namespace {

constexpr unsigned kFrameVersion = 100;  // LZ4F_VERSION

struct Library {
  SharedLibrary library{"liblz4.so.1"};
  size_t (*create)(void**, unsigned) = nullptr;
  size_t (*free)(void*) = nullptr;
  size_t (*decompress)(void*, void*, size_t*, const void*, size_t*, const void*) = nullptr;
  unsigned (*is_error)(size_t) = nullptr;
  const char* (*error_name)(size_t) = nullptr;
  const bool complete =
      library.find("LZ4F_createDecompressionContext", create) && library.find("LZ4F_freeDecompressionContext", free) &&
      library.find("LZ4F_decompress", decompress) && library.find("LZ4F_isError", is_error) &&
      library.find("LZ4F_getErrorName", error_name);
};

const Library& lz4() {
  static const Library library;
  return library;
}

// A frame keeps at most two blocks of 4 MiB: the format has no larger ones.
class Lz4Decoder final : public Decoder {
 public:
  // OWNER: the context.
  ~Lz4Decoder() override { lz4().free(context_); }

  bool init() { return lz4().is_error(lz4().create(&context_, kFrameVersion)) == 0; }

  Progress decode(const uint8_t* in, size_t bytes, uint8_t* out, size_t room) override {
    size_t taken = bytes;
    size_t made = room;
    const size_t status = lz4().decompress(context_, out, &made, in, &taken, nullptr);
    if (lz4().is_error(status) != 0) return {0, 0, false, lz4().error_name(status)};
    return {taken, made, status == 0, {}};
  }

 private:
  void* context_ = nullptr;
};

}  // namespace

std::unique_ptr<Decoder> make_lz4_decoder(std::string& missing) {
  missing = "liblz4.so.1 is not installed (apt-get install liblz4-1, apk add lz4-libs)";
  if (!lz4().complete) return nullptr;
  auto decoder = std::make_unique<Lz4Decoder>();
  if (decoder->init()) return decoder;
  missing = "liblz4 could not be initialised";
  return nullptr;
}

}  // namespace pkttap
