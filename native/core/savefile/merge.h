// Many savefiles as one, by their packets' times. Each file keeps its own order, whatever its times say; of the files'
// next packets the earliest comes first, and of equal ones the one of the earlier file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "input.h"
#include "reader.h"

namespace pkttap {

// A handler that hears of which file an interface is.
class MergeHandler : public Handler {
 public:
  virtual int64_t on_interface_of(size_t file, const Interface& interface) = 0;
};

class Merge final : private Handler {
 public:
  explicit Merge(MergeHandler& out) : out_(out) {}

  // The next file. Its first packet is read at once: how it came out if there is none, else finished.
  Result add(std::unique_ptr<Input> input);
  // Hands all packets over. Ends with the first file that doesn't end well.
  Result run();
  // The file in which it ended, in the order of add().
  size_t file() const { return file_; }
  // Packets read of a file so far.
  uint64_t packets(size_t file) const { return heads_[file].packets; }

  // What a file may read at once, when so many are open.
  static size_t chunk_bytes(size_t files);

 private:
  struct Head {
    std::unique_ptr<Input> input;
    std::unique_ptr<Reader> reader;
    Packet packet;  // the next one; its bytes lie in the input's buffer
    uint64_t packets = 0;
  };

  int64_t on_interface(const Interface& interface) override;
  bool on_packet(const Packet& packet) override;
  bool advance(size_t file);
  bool later(size_t a, size_t b) const;

  MergeHandler& out_;
  std::vector<Head> heads_;
  std::vector<size_t> queue_;  // a heap of the files that have a next packet, the earliest on top
  size_t file_ = 0;            // being read
};

}  // namespace pkttap
