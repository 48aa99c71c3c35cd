#include "fanout.h"

#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace pkttap {

namespace {

// packet(7): the group's number in the low half, how it chooses in the high one.
constexpr int option_for(int number, int flags) { return number | (PACKET_FANOUT_HASH | flags) << 16; }

bool set_option(int fd, int option) { return setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &option, sizeof option) == 0; }

// The number of the group that the socket is in; negative: none.
int group_of(int fd) {
  int option = 0;
  socklen_t bytes = sizeof option;
  return getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &option, &bytes) == 0 ? option & 0xffff : -1;
}

}  // namespace

bool FanoutGroup::join(int fd, uint32_t if_index, OpenFailure& failure) {
  const std::lock_guard lock(mutex_);
  const bool is_new = number_ == kNone || if_index_ != if_index;
  if (!set_option(fd, is_new ? option_for(0, PACKET_FANOUT_FLAG_UNIQUEID) : option_for(number_, 0)))
    return refuse(failure, OpenFailure::kOther, PCAP_ERROR,
                  std::string("its packets can't be divided among threads: PACKET_FANOUT: ") + std::strerror(errno));
  if (is_new) number_ = group_of(fd);
  if_index_ = if_index;
  return true;
}

}  // namespace pkttap
