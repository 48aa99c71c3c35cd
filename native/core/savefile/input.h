// A savefile's bytes, read(2) in chunks into one buffer of fixed size, unpacked on the way if the first bytes say that
// they are compressed. Files are not mapped: a mapped file that shrinks kills its reader with SIGBUS, and chunks
// measured as fast. Pipes and terminals take the same way.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "../unique_fd.h"
#include "decoder.h"
#include "result.h"

namespace pkttap {

struct InputOptions {
  size_t chunk_bytes = 256u << 10;  // read at once: less, where many files are open
  std::string follow;               // the file's path: wait for more at its end; empty: don't
};

class Input {
 public:
  // The largest number of bytes that want() can be asked for: the largest packet and its headers fit.
  static constexpr size_t kLargestWant = 512u << 10;

  Input(UniqueFd fd, const std::atomic<bool>& stopped, InputOptions options = {});

  // Makes up to `bytes` bytes available at data(); fewer only at the end of the file, after trouble or a stop. data()
  // stays where it is until want() or skip() is called again.
  size_t want(size_t bytes) { return end_ - begin_ >= bytes ? bytes : fill(bytes); }
  const uint8_t* data() const { return buffer_.get() + begin_; }
  // Steps over bytes that want() gave.
  void consume(size_t bytes) { begin_ += bytes; }
  // Steps over any number of bytes; false if the file ends first.
  bool skip(uint64_t bytes);

  // Unpacked bytes from the file's beginning to data().
  uint64_t offset() const { return made_ - (end_ - begin_); }
  // Why there is no more, other than that the file ended: a failed read, bad compression, a file that changed.
  const Result& trouble() const { return trouble_; }
  // Whether the bytes ended because the file did.
  bool at_end() const { return !stopped() && trouble_.finished(); }
  bool compressed() const { return decoder_ != nullptr; }
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }
  // Called before a wait for more: what has been parsed should be published first.
  void on_wait(void (*before_wait)(void*), void* context);

 private:
  size_t fill(size_t bytes);
  bool make_chunk();
  bool sniff();
  bool unpack();
  bool has_packed();
  bool end_unpacking();
  size_t read_some(uint8_t* into, size_t bytes);
  bool wait_readable();
  bool wait_for_growth();
  bool give_up(Outcome outcome, uint64_t byte_offset, std::string detail, int error = 0);
  uint64_t packed_offset() const { return read_ - (packed_end_ - packed_begin_); }

  UniqueFd fd_;
  const std::atomic<bool>& stopped_;
  const InputOptions options_;
  std::unique_ptr<uint8_t[]> buffer_;
  size_t begin_ = 0, end_ = 0;
  uint64_t made_ = 0;  // bytes put into the buffer so far
  uint64_t read_ = 0;  // bytes read from the file so far
  Result trouble_;
  bool can_wait_ = false;  // a pipe, socket or terminal, not a regular file
  bool sniffed_ = false;
  void (*before_wait_)(void*) = nullptr;
  void* context_ = nullptr;

  // Of a compressed file only.
  Compression compression_ = Compression::kNone;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<uint8_t[]> packed_;
  size_t packed_begin_ = 0, packed_end_ = 0;
  bool between_frames_ = true;
  bool holds_more_ = false;  // the decoder filled all the room it had
};

}  // namespace pkttap
