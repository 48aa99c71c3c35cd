#include "input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "follow.h"

namespace pkttap {

namespace {

// How long a read from a pipe sleeps before it looks whether it was told to stop.
constexpr int kPollMs = 50;

}  // namespace

Input::Input(UniqueFd fd, const std::atomic<bool>& stopped, InputOptions options)
    : fd_(std::move(fd)),
      stopped_(stopped),
      options_(std::move(options)),
      buffer_(new uint8_t[kLargestWant + options_.chunk_bytes]) {
  struct stat status {};
  can_wait_ = fstat(fd_.get(), &status) == 0 && !S_ISREG(status.st_mode);
  posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
}

void Input::on_wait(void (*before_wait)(void*), void* context) {
  before_wait_ = before_wait;
  context_ = context;
}

size_t Input::fill(size_t bytes) {
  std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (!sniffed_ && !sniff()) return 0;
  while (end_ < bytes && make_chunk()) {
  }
  return std::min(end_, bytes);
}

bool Input::skip(uint64_t bytes) {
  while (bytes > 0) {
    const size_t step = want(static_cast<size_t>(std::min<uint64_t>(bytes, options_.chunk_bytes)));
    if (step == 0) return false;
    consume(step);
    bytes -= step;
  }
  return true;
}

// Reads the first bytes and, if they are compressed, puts them where the decoder finds them. False: trouble.
bool Input::sniff() {
  while (end_ < kCompressionMagic) {
    const size_t got = read_some(buffer_.get() + end_, options_.chunk_bytes);
    if (got == 0) break;
    end_ += got;
  }
  sniffed_ = true;
  compression_ = compression_of(buffer_.get(), end_);
  if (compression_ == Compression::kNone) {
    made_ = end_;
    return true;
  }
  std::string missing;
  decoder_ = make_decoder(compression_, missing);
  if (decoder_ == nullptr)
    return give_up(Outcome::kNotSavefile, 0, std::string(compression_name(compression_)) + "-compressed, and " + missing);
  packed_.reset(new uint8_t[options_.chunk_bytes + kCompressionMagic]);
  std::memcpy(packed_.get(), buffer_.get(), end_);
  packed_end_ = std::exchange(end_, 0);
  return true;
}

// Puts at least one byte more into the buffer. False: there is none.
bool Input::make_chunk() {
  if (!trouble_.finished()) return false;
  if (decoder_ != nullptr) return unpack();
  const size_t got = read_some(buffer_.get() + end_, options_.chunk_bytes);
  end_ += got;
  made_ += got;
  return got != 0;
}

bool Input::unpack() {
  while (!stopped()) {
    if (!holds_more_ && !has_packed()) return end_unpacking();
    const uint64_t frame = packed_offset();
    const Progress progress = decoder_->decode(packed_.get() + packed_begin_, packed_end_ - packed_begin_,
                                               buffer_.get() + end_, options_.chunk_bytes);
    packed_begin_ += progress.taken;
    end_ += progress.made;
    made_ += progress.made;
    if (!progress.error.empty()) {
      // What doesn't even begin a frame is not of this compression at all: its first byte is the place.
      const uint64_t place = between_frames_ && progress.made == 0 ? frame : packed_offset();
      return give_up(Outcome::kDamaged, place, std::string(compression_name(compression_)) + ": " + progress.error);
    }
    between_frames_ = progress.frame_ended;
    holds_more_ = !progress.frame_ended && progress.made == options_.chunk_bytes;
    if (progress.made != 0) return true;
  }
  return false;
}

// Whether there are compressed bytes to decode. Zeros between frames are padding, as tapes and block devices leave it.
bool Input::has_packed() {
  for (;;) {
    if (between_frames_)
      while (packed_begin_ < packed_end_ && packed_[packed_begin_] == 0) ++packed_begin_;
    if (packed_begin_ < packed_end_) return true;
    packed_begin_ = 0;
    packed_end_ = read_some(packed_.get(), options_.chunk_bytes);
    if (packed_end_ == 0) return false;
  }
}

bool Input::end_unpacking() {
  if (between_frames_ || !at_end()) return false;
  return give_up(Outcome::kCut, read_, std::string("the ") + compression_name(compression_) + " data goes on beyond it");
}

// The bytes read, at most `bytes`; 0 at the end, after trouble, or when stopped while waiting.
size_t Input::read_some(uint8_t* into, size_t bytes) {
  // A file of packets that all are filtered out never waits: here is where it hears that it should stop.
  if (stopped()) return 0;
  if (can_wait_ && !wait_readable()) return 0;
  for (;;) {
    const ssize_t got = read(fd_.get(), into, bytes);
    if (got > 0) {
      read_ += static_cast<uint64_t>(got);
      return static_cast<size_t>(got);
    }
    if (got == 0) {
      if (options_.follow.empty() || can_wait_ || !wait_for_growth()) return 0;
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN && wait_readable()) continue;
    if (!stopped()) give_up(Outcome::kReadError, read_, {}, errno);
    return 0;
  }
}

// A pipe's writer may be slow: what was parsed goes to the consumers first, and a stop is noticed while waiting.
bool Input::wait_readable() {
  pollfd item{fd_.get(), POLLIN, 0};
  if (poll(&item, 1, 0) > 0) return true;
  if (before_wait_ != nullptr) before_wait_(context_);
  while (!stopped())
    if (poll(&item, 1, kPollMs) > 0) return true;
  return false;
}

bool Input::wait_for_growth() {
  if (before_wait_ != nullptr) before_wait_(context_);
  switch (pkttap::wait_for_growth(fd_.get(), options_.follow, read_, stopped_)) {
    case Growth::kGrown:
      return true;
    case Growth::kStopped:
      return false;
    case Growth::kTruncated:
      return give_up(Outcome::kChanged, read_, "it became shorter than what was read of it");
    default:
      return give_up(Outcome::kChanged, read_, "it was deleted or replaced; all that was in it was read");
  }
}

bool Input::give_up(Outcome outcome, uint64_t byte_offset, std::string detail, int error) {
  trouble_ = {outcome, byte_offset, std::move(detail), error};
  return false;
}

}  // namespace pkttap
