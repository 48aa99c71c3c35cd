// One consumer as its tap sees it: the socket that its doorbell is rung through, whether it is waited for, and a cursor page
// for each lane. Its sessions share it, one in each lane, so that whatever lane finds out something about it, all know.
//
// Threads: any, at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "shared_memory.h"

namespace pkttap {

class Consumer {
 public:
  // OWNER: the consumer owns the cursors' mappings and its own duplicate of the socket.
  Consumer(UniqueFd socket, std::vector<Mapping> cursors, bool lossless)
      : socket_(std::move(socket)), cursors_(std::move(cursors)), lossless_(lossless) {}
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  size_t lanes() const { return cursors_.size(); }
  // The consumer's own, which it may scribble on.
  pkttap_cursor& cursor(size_t lane) const { return *reinterpret_cast<pkttap_cursor*>(cursors_[lane].base()); }

  // Rings if the consumer said that it sleeps, in its first cursor: it has one doorbell for all lanes. Call after the tail
  // was stored and a full fence.
  void ring_if_sleeping();

  // Whether writers wait for it. Relaxed: nothing else is read by its value.
  bool lossless() const { return lossless_.load(std::memory_order_relaxed); }
  // For good, and in all lanes. True: it was lossless until now.
  bool make_lossy() { return lossless_.exchange(false, std::memory_order_relaxed); }

  // A number that changes when the consumer moves on in any of its lanes. Its own word, like the positions it is made of.
  uint64_t progress() const;

 private:
  const UniqueFd socket_;
  const std::vector<Mapping> cursors_;
  std::atomic<bool> lossless_;
};

}  // namespace pkttap
