#include "share_group.h"

#include <algorithm>
#include <utility>

#include "atomics.h"

namespace pkttap {

Status ShareGroup::create(const Writers& writers, std::unique_ptr<ShareGroup>& group) {
  UniqueFd fd;
  Mapping mapping;
  if (auto status = create_shares(fd, mapping); !status) return status;
  group.reset(new ShareGroup(writers, std::move(fd), std::move(mapping)));
  return Status::ok();
}

ShareGroup::ShareGroup(const Writers& writers, UniqueFd fd, Mapping mapping)
    : writers_(writers), fd_(std::move(fd)), mapping_(std::move(mapping)) {}

// With this many, half of the epochs are there for what a member that is behind still needs.
constexpr size_t kMaxMembers = PKTTAP_EPOCHS / 2;

bool ShareGroup::has_room() {
  if (members_.size() == kMaxMembers) return false;
  // One epoch for the newcomer, and one for everybody's leave.
  const uint64_t needed = 1 + members_.size() + 1;
  return newest_ + 1 - oldest_needed() + needed <= PKTTAP_EPOCHS;
}

uint64_t ShareGroup::join(uint32_t id, std::shared_ptr<Consumer> consumer) {
  give_slots_to(id);
  begin_epoch();
  members_[id] = {std::move(consumer), newest_, {}};
  tell_members();
  return newest_;
}

std::vector<RecordPlace> ShareGroup::retire(uint32_t id) {
  const auto found = members_.find(id);
  if (found == members_.end()) return {};
  std::vector<RecordPlace>& ends = found->second.ends;
  if (ends.empty()) {
    take_slots_from(id);
    ends = begin_epoch();
    tell_members();
  }
  return ends;
}

HandOver ShareGroup::leave(uint32_t id) {
  HandOver sum;
  const std::vector<RecordPlace> ends = retire(id);
  if (ends.empty()) return sum;
  const auto found = members_.find(id);
  for (uint32_t lane = 0; lane < writers_.size(); ++lane) {
    const Share share = Share::of_member(id, found->second.joined, lane);
    const HandOver one = writers_[lane]->count_unread(*found->second.consumer, share, shares(), ends[lane]);
    sum.packets += one.packets;
    sum.unknown += one.unknown;
  }
  members_.erase(found);
  store_relaxed(shares().handed_over, shares().handed_over + sum.packets);
  store_relaxed(shares().hand_over_unknown, shares().hand_over_unknown + sum.unknown);
  tell_members();
  return sum;
}

// The oldest epoch that a member may still have to look at; without members, the next one.
uint64_t ShareGroup::oldest_needed() {
  uint64_t oldest = newest_ + 1;
  for (const auto& [id, member] : members_) {
    std::vector<uint64_t> done_below;
    for (const auto& writer : writers_) {
      const auto held = writer->hold();
      done_below.push_back(writer->done_below(*member.consumer));
    }
    oldest = std::min(oldest, oldest_needed(member, done_below));
  }
  return oldest;
}

// Backwards to the first one that lies behind it in all lanes.
uint64_t ShareGroup::oldest_needed(const Member& member, const std::vector<uint64_t>& done_below) const {
  for (uint64_t number = newest_; number > member.joined; --number) {
    bool is_behind = true;
    for (size_t lane = 0; lane < done_below.size(); ++lane)
      is_behind = is_behind && epoch(number).lanes[lane].position <= done_below[lane];
    if (is_behind) return number;
  }
  return member.joined;
}

// Those that have retired get no more flows.
void ShareGroup::tell_members() { store_relaxed(shares().members, uint64_t{loads().size()}); }

// How many slots each member has that can be given some.
std::map<uint32_t, uint32_t> ShareGroup::loads() const {
  std::map<uint32_t, uint32_t> loads;
  for (const auto& [id, member] : members_)
    if (member.ends.empty()) loads[id] = 0;
  for (const uint32_t owner : slots_)
    if (const auto found = loads.find(owner); found != loads.end()) ++found->second;
  return loads;
}

void ShareGroup::give_slots_to(uint32_t id) {
  auto loads = this->loads();
  const uint32_t fair = PKTTAP_SHARE_SLOTS / static_cast<uint32_t>(loads.size() + 1);
  const auto has_less = [](const auto& one, const auto& other) { return one.second < other.second; };
  for (uint32_t given = 0; given < fair; ++given) {
    // The first member takes all, from nobody.
    const auto most = std::max_element(loads.begin(), loads.end(), has_less);
    const uint32_t from = most == loads.end() ? 0 : most->first;
    *std::find(slots_.begin(), slots_.end(), from) = id;
    if (most != loads.end()) --most->second;
  }
}

void ShareGroup::take_slots_from(uint32_t id) {
  auto loads = this->loads();
  loads.erase(id);
  const auto has_less = [](const auto& one, const auto& other) { return one.second < other.second; };
  for (uint32_t& owner : slots_) {
    if (owner != id) continue;
    const auto least = std::min_element(loads.begin(), loads.end(), has_less);
    owner = least == loads.end() ? 0 : least->first;
    if (least != loads.end()) ++least->second;
  }
}

// An epoch with the slots as they are now, from what is published now on. Returns where it begins in each lane.
std::vector<RecordPlace> ShareGroup::begin_epoch() {
  std::vector<std::unique_lock<std::mutex>> held;
  std::vector<RecordPlace> begins;
  for (const auto& writer : writers_) {
    held.push_back(writer->hold());
    begins.push_back(writer->tail());
  }
  // To whoever is there first belongs what there was before, too: it may begin with the oldest packet.
  if (newest_ == 0) begins.assign(begins.size(), RecordPlace{});
  ++newest_;
  write_epoch(begins);
  return begins;
}

void ShareGroup::write_epoch(const std::vector<RecordPlace>& begins) {
  pkttap_epoch& at = epoch(newest_);
  store_relaxed(at.number, uint64_t{0});
  // ORDERING: a release fence, partner: the acquire fence of Share::copy. The old number is gone before what it stood for.
  fence_release();
  for (size_t lane = 0; lane < begins.size(); ++lane) {
    store_relaxed(at.lanes[lane].position, begins[lane].position);
    store_relaxed(at.lanes[lane].sequence, begins[lane].sequence);
  }
  for (size_t slot = 0; slot < slots_.size(); ++slot) store_relaxed(at.owners[slot], slots_[slot]);
  // ORDERING: release, both; partner: the acquires of Share::find and Share::refresh. The lanes are held, so that whoever sees
  // a later tail sees this epoch.
  store_release(at.number, newest_);
  store_release(shares().newest, newest_);
}

}  // namespace pkttap
