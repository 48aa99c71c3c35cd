// The lanes of one tap: 1 to 16 rings of the same size, each with a writer of its own, so that several threads can write
// without waiting for each other. A consumer attaches to all of them at once and is counted over all of them.
//
// Threads: the event loop's, but for what operator[] gives.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ring_writer.h"
#include "share_group.h"

namespace pkttap {

// A consumer over all lanes.
struct ConsumerState {
  uint64_t delivered = 0;
  uint64_t missed = 0;
  uint64_t filtered = 0;
  bool lossless = false;
  SessionFault fault = SessionFault::kNone;  // of the first lane that has one
};

// What a consumer asks for when it attaches.
struct AttachRequest {
  Start start = Start::kNow;
  // For kResume: a place in each lane.
  std::vector<RecordPlace> places;
  bool lossless = false;
  std::string group;  // empty: none
};

// What it gets.
struct Attached {
  uint32_t id = 0;
  std::vector<Attachment> lanes;
  // For a member of a share group.
  uint64_t epoch = 0;
  UniqueFd shares;
};

class Lanes {
 public:
  // At least one.
  explicit Lanes(std::vector<std::unique_ptr<RingWriter>> writers) : writers_(std::move(writers)) {}

  size_t size() const { return writers_.size(); }
  RingWriter& operator[](size_t lane) const { return *writers_[lane]; }

  // `cursors`: one for each lane. A status without an errno: refused, and why.
  Status attach(UniqueFd socket, std::vector<Mapping> cursors, const AttachRequest& request, Attached& attached);
  // As ShareGroup::retire; empty as well for a consumer without a group.
  std::vector<RecordPlace> retire(uint32_t id);
  // What it leaves to the others of its share group.
  HandOver detach(uint32_t id);
  bool consumer_state(uint32_t id, ConsumerState& state) const;

  // As RingWriter's, in all lanes.
  void on_session_change(const std::function<void()>& notify);
  void end(uint32_t reason, const std::string& message);
  void release();
  bool released() const { return writers_[0]->released(); }

 private:
  struct Member {
    std::shared_ptr<Consumer> consumer;
    std::string group;
  };
  bool attach_all(const std::shared_ptr<Consumer>& consumer, const AttachRequest& request, std::vector<Attachment>& lanes);
  Status find_group(const std::string& name, ShareGroup*& group);

  const std::vector<std::unique_ptr<RingWriter>> writers_;
  std::map<uint32_t, Member> consumers_;
  std::map<std::string, std::unique_ptr<ShareGroup>> groups_;
  uint32_t next_id_ = 1;
};

}  // namespace pkttap
