#include "lanes.h"

#include <utility>

namespace pkttap {

namespace {

// Groups at a time: each takes memory.
constexpr size_t kMaxGroups = 64;

}  // namespace

Status Lanes::attach(UniqueFd socket, std::vector<Mapping> cursors, const AttachRequest& request, Attached& attached) {
  ShareGroup* group = nullptr;
  if (!request.group.empty()) {
    if (auto status = find_group(request.group, group); !status) return status;
    if (auto status = share_descriptor(group->fd(), attached.shares); !status) return status;
  }
  const auto consumer = std::make_shared<Consumer>(std::move(socket), std::move(cursors), request.lossless);
  if (!attach_all(consumer, request, attached.lanes)) {
    if (group != nullptr && group->empty()) groups_.erase(request.group);
    return Status::invalid("can't resume there: the tap's ring has, and had, no packet that begins at that place");
  }
  attached.id = next_id_++;
  consumers_[attached.id] = {consumer, request.group};
  if (group != nullptr) attached.epoch = group->join(attached.id, consumer);
  return Status::ok();
}

bool Lanes::attach_all(const std::shared_ptr<Consumer>& consumer, const AttachRequest& request,
                       std::vector<Attachment>& lanes) {
  for (size_t lane = 0; lane < size(); ++lane) {
    Beginning beginning{request.start, {}};
    if (request.start == Start::kResume) beginning.place = request.places[lane];
    lanes.emplace_back();
    if (writers_[lane]->attach(consumer, lane, beginning, lanes.back())) continue;
    for (const auto& writer : writers_) writer->detach(*consumer);
    return false;
  }
  return true;
}

// One that a consumer can join.
Status Lanes::find_group(const std::string& name, ShareGroup*& group) {
  const auto found = groups_.find(name);
  if (found != groups_.end()) {
    group = found->second.get();
    return group->has_room() ? Status::ok() : Status::invalid("the share group " + name + " is full, or one of its members is too far behind");
  }
  if (groups_.size() == kMaxGroups) return Status::invalid("the tap has " + std::to_string(kMaxGroups) + " share groups, its most");
  std::unique_ptr<ShareGroup> made;
  if (auto status = ShareGroup::create(writers_, made); !status) return status;
  group = made.get();
  groups_[name] = std::move(made);
  return Status::ok();
}

std::vector<RecordPlace> Lanes::retire(uint32_t id) {
  const auto found = consumers_.find(id);
  if (found == consumers_.end()) return {};
  const auto group = groups_.find(found->second.group);
  return group == groups_.end() ? std::vector<RecordPlace>() : group->second->retire(id);
}

HandOver Lanes::detach(uint32_t id) {
  HandOver left;
  const auto found = consumers_.find(id);
  if (found == consumers_.end()) return left;
  const auto& [consumer, group_name] = found->second;
  // While it is attached, a writer that waits for it overwrites nothing that has to be counted.
  if (const auto group = groups_.find(group_name); group != groups_.end()) {
    left = group->second->leave(id);
    if (group->second->empty()) groups_.erase(group);
  }
  for (const auto& writer : writers_) writer->detach(*consumer);
  consumers_.erase(found);
  return left;
}

bool Lanes::consumer_state(uint32_t id, ConsumerState& state) const {
  const auto found = consumers_.find(id);
  if (found == consumers_.end()) return false;
  const Consumer& consumer = *found->second.consumer;
  state.lossless = consumer.lossless();
  for (const auto& writer : writers_) {
    const SessionState one = writer->session_state(consumer);
    state.delivered += one.delivered;
    state.missed += one.missed;
    state.filtered += one.filtered;
    if (state.fault == SessionFault::kNone) state.fault = one.fault;
  }
  return true;
}

void Lanes::on_session_change(const std::function<void()>& notify) {
  for (const auto& writer : writers_) writer->on_session_change(notify);
}

void Lanes::end(uint32_t reason, const std::string& message) {
  for (const auto& writer : writers_) writer->end(reason, message);
}

void Lanes::release() {
  for (const auto& writer : writers_) writer->release();
  groups_.clear();
  consumers_.clear();
}

}  // namespace pkttap
