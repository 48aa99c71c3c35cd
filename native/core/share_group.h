// A share group: each flow is read by exactly one of its members. The tap says which, in memory that all members map and
// nobody else writes: an epoch holds from certain packets on, one in each lane, until the next one. As those packets are
// settled while no lane can publish, all members decide alike without asking, for each packet, whoever joins, leaves or dies.
//
// Few flows move: who joins takes slots from those that have most, and gives its own to those that have fewest when it leaves.
//
// Threads: the event loop's.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "ring_writer.h"

namespace pkttap {

class ShareGroup {
 public:
  using Writers = std::vector<std::unique_ptr<RingWriter>>;

  // `writers`: the tap's lanes, which outlive the group.
  static Status create(const Writers& writers, std::unique_ptr<ShareGroup>& group);

  // Whether there is room for one more. A member that is far behind may still need all epochs that are kept; for those of
  // members that leave there always is room.
  bool has_room();
  // For a consumer that is attached already; an id is from 1 and never comes again. Returns the epoch it belongs to from on.
  uint64_t join(uint32_t id, std::shared_ptr<Consumer> consumer);
  // Gives its flows to the others: where in each lane its packets end, which it may still read. Empty: not a member.
  std::vector<RecordPlace> retire(uint32_t id);
  // Before it is detached: gives its flows to the others, if it still has them, and counts what it had not read.
  HandOver leave(uint32_t id);

  bool empty() const { return members_.empty(); }
  // For members.
  const UniqueFd& fd() const { return fd_; }

 private:
  struct Member {
    std::shared_ptr<Consumer> consumer;
    uint64_t joined;
    std::vector<RecordPlace> ends;  // once it has retired
  };
  using Slots = std::array<uint32_t, PKTTAP_SHARE_SLOTS>;

  ShareGroup(const Writers& writers, UniqueFd fd, Mapping mapping);
  pkttap_shares& shares() const { return *reinterpret_cast<pkttap_shares*>(mapping_.base()); }
  pkttap_epoch& epoch(uint64_t number) const { return shares().epochs[number % PKTTAP_EPOCHS]; }
  uint64_t oldest_needed();
  uint64_t oldest_needed(const Member& member, const std::vector<uint64_t>& done_below) const;
  void give_slots_to(uint32_t id);
  void take_slots_from(uint32_t id);
  std::map<uint32_t, uint32_t> loads() const;
  void tell_members();
  std::vector<RecordPlace> begin_epoch();
  void write_epoch(const std::vector<RecordPlace>& begins);

  const Writers& writers_;
  const UniqueFd fd_;
  // OWNER: the group; members have mappings of their own.
  const Mapping mapping_;
  std::map<uint32_t, Member> members_;
  Slots slots_{};
  uint64_t newest_ = 0;
};

}  // namespace pkttap
