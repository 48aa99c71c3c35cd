#include "merge.h"

#include <algorithm>
#include <utility>

namespace pkttap {

namespace {

// All inputs together keep about this much read ahead; each at least a few packets.
constexpr size_t kReadAhead = 16u << 20;
constexpr size_t kSmallestChunk = 16u << 10;
constexpr size_t kLargestChunk = 256u << 10;

}  // namespace

size_t Merge::chunk_bytes(size_t files) { return std::clamp(kReadAhead / files, kSmallestChunk, kLargestChunk); }

Result Merge::add(std::unique_ptr<Input> input) {
  file_ = heads_.size();
  Result result;
  auto reader = open_savefile(*input, result);
  heads_.push_back({std::move(input), std::move(reader), {}, 0});
  if (heads_.back().reader == nullptr) return result;
  if (!advance(file_)) return heads_.back().reader->result();
  queue_.push_back(file_);
  return {};
}

Result Merge::run() {
  const auto order = [this](size_t a, size_t b) { return later(a, b); };
  std::make_heap(queue_.begin(), queue_.end(), order);
  while (!queue_.empty()) {
    std::pop_heap(queue_.begin(), queue_.end(), order);
    file_ = queue_.back();
    if (!out_.on_packet(heads_[file_].packet)) return {Outcome::kRefused, 0, {}, 0};
    if (advance(file_)) {
      std::push_heap(queue_.begin(), queue_.end(), order);
    } else {
      queue_.pop_back();
      if (const Result& result = heads_[file_].reader->result(); !result.finished()) return result;
    }
  }
  return {};
}

// Reads up to the file's next packet. False: it has none.
bool Merge::advance(size_t file) {
  Head& head = heads_[file];
  const uint64_t before = head.packets;
  while (head.packets == before)
    if (!head.reader->next(*this)) return false;
  return true;
}

int64_t Merge::on_interface(const Interface& interface) { return out_.on_interface_of(file_, interface); }

bool Merge::on_packet(const Packet& packet) {
  heads_[file_].packet = packet;
  ++heads_[file_].packets;
  return true;
}

bool Merge::later(size_t a, size_t b) const {
  const uint64_t time_a = heads_[a].packet.ts_ns;
  const uint64_t time_b = heads_[b].packet.ts_ns;
  return time_a != time_b ? time_a > time_b : a > b;
}

}  // namespace pkttap
