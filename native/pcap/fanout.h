// Several sockets that share the packets of one device: the kernel gives each packet to one of them (packet(7),
// PACKET_FANOUT), chosen by a hash of addresses, ports and protocol that is the same in both directions of a flow.
//
// Fragments have no ports, so all of a datagram's go to the same socket, perhaps not to that of the rest of the flow. The
// kernel could put them together before (PACKET_FANOUT_FLAG_DEFRAG), but then we would capture what was never sent.
#pragma once

#include <cstdint>
#include <mutex>

#include "open_failure.h"

namespace pkttap {

// Threads: any.
class FanoutGroup {
 public:
  // Makes a packet socket that is bound to the device with this index (0: to all) a member. The first has the kernel make a
  // group that nobody else uses. A device that comes back has another index, and gets a new group. False: see `failure`.
  bool join(int fd, uint32_t if_index, OpenFailure& failure);

 private:
  static constexpr int kNone = -1;

  std::mutex mutex_;
  int number_ = kNone;
  uint32_t if_index_ = 0;
};

}  // namespace pkttap
