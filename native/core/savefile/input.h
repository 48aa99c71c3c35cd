// A savefile's bytes, read(2) in chunks into one buffer of fixed size. Files are not mapped: a mapped file that shrinks
// kills its reader with SIGBUS, and chunks measured as fast. Pipes and terminals take the same way.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "../unique_fd.h"

namespace pkttap {

class Input {
 public:
  // The largest number of bytes that want() can be asked for: the largest packet and its headers fit.
  static constexpr size_t kLargestWant = 512u << 10;

  Input(UniqueFd fd, const std::atomic<bool>& stopped);

  // Makes up to `bytes` bytes available at data(); fewer only at the end of the file, after an error or a stop.
  size_t want(size_t bytes) { return end_ - begin_ >= bytes ? bytes : fill(bytes); }
  const uint8_t* data() const { return buffer_.get() + begin_; }
  // Steps over bytes that want() gave.
  void consume(size_t bytes) { begin_ += bytes; }
  // Steps over any number of bytes; false if the file ends first.
  bool skip(uint64_t bytes);

  // Bytes from the file's beginning to data().
  uint64_t offset() const { return read_ - (end_ - begin_); }
  int error() const { return error_; }  // errno of a failed read, else 0
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }
  // Whether a read could make us wait: what has been parsed should be published first.
  bool buffered() const { return end_ != begin_; }
  void on_wait(void (*before_wait)(void*), void* context);

 private:
  static constexpr size_t kChunk = 256u << 10;

  size_t fill(size_t bytes);
  bool read_chunk();
  bool wait_readable();

  UniqueFd fd_;
  const std::atomic<bool>& stopped_;
  std::unique_ptr<uint8_t[]> buffer_;
  size_t begin_ = 0, end_ = 0;
  uint64_t read_ = 0;
  int error_ = 0;
  bool can_wait_ = false;  // a pipe, socket or terminal, not a regular file
  void (*before_wait_)(void*) = nullptr;
  void* context_ = nullptr;
};

}  // namespace pkttap
