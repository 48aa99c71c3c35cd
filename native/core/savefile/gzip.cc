// gzip (RFC 1952) through zlib. The symbols are those of the Node that loads this module: it exports them for addons.
#include <zlib.h>

#include "decoder.h"

namespace pkttap {

namespace {

// The largest window, and a gzip header with its check sum rather than a zlib one.
constexpr int kGzipWindow = 15 + 16;

class GzipDecoder final : public Decoder {
 public:
  // OWNER: frees zlib's state, if it was made.
  ~GzipDecoder() override {
    if (ready_) inflateEnd(&stream_);
  }

  bool init() { return ready_ = inflateInit2(&stream_, kGzipWindow) == Z_OK; }

  Progress decode(const uint8_t* in, size_t bytes, uint8_t* out, size_t room) override {
    // Members follow each other: each begins anew.
    if (ended_) inflateReset(&stream_);
    stream_.next_in = const_cast<uint8_t*>(in);
    stream_.avail_in = static_cast<uInt>(bytes);
    stream_.next_out = out;
    stream_.avail_out = static_cast<uInt>(room);
    const int status = inflate(&stream_, Z_NO_FLUSH);
    ended_ = status == Z_STREAM_END;
    Progress progress{bytes - stream_.avail_in, room - stream_.avail_out, ended_, {}};
    // Z_BUF_ERROR says only that there was nothing to do.
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
      progress.error = stream_.msg != nullptr ? stream_.msg : "zlib status " + std::to_string(status);
    return progress;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_gzip_decoder(std::string& missing) {
  auto decoder = std::make_unique<GzipDecoder>();
  if (decoder->init()) return decoder;
  missing = "zlib could not be initialised";
  return nullptr;
}

}  // namespace pkttap
