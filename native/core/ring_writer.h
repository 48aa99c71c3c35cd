// The one writer of a ring. A source's thread appends packets; the writer reserves and publishes a block (64 KiB) at a
// time, so that per packet there is one copy, one flow hash and no atomic operation. It waits for lossless consumers
// and for nobody else.
//
// Threads: append(), publish() and add_interface() belong to the source's thread, one at a time. Everything else may be
// called from any thread; the mutex is taken once per block, never per packet.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "flow_hash.h"
#include "ring_history.h"
#include "session.h"
#include "share.h"
#include "shared_memory.h"

namespace pkttap {

struct Packet {
  const uint8_t* data = nullptr;
  uint32_t caplen = 0;  // at most PKTTAP_MAX_CAPLEN: the source has checked
  uint32_t origlen = 0;
  uint64_t ts_ns = 0;
  uint32_t interface = 0;  // as add_interface() returned it
  uint32_t linktype = 0;   // of that interface
  uint32_t flags = 0;      // PKTTAP_FLAG_*; truncated and options are set by the writer
  const uint8_t* options = nullptr;  // as the ring has them
  uint32_t options_bytes = 0;        // a multiple of 4, at most PKTTAP_MAX_OPTIONS: the source has checked
};

struct Interface {
  uint32_t linktype = 0;
  uint32_t snaplen = 0;
  uint32_t section = 0;
  uint32_t timestamp_source = PKTTAP_TS_SAVEFILE;
  std::string name, description, filter, os;  // empty: not known
  int32_t fcslen = -1;  // as if_fcslen: what each packet ends with of a frame check sequence; -1: not known
};

enum class Start { kNow, kOldest, kResume };

// Where a consumer wants to begin: for kResume, at this place.
struct Beginning {
  Start start = Start::kNow;
  RecordPlace place;
};

// Where it begins, and how many packets from where it wanted to are gone.
struct Attachment {
  RecordPlace place;
  uint64_t missed = 0;
};

// What a member of a share group had been given and hadn't read when it left.
struct HandOver {
  uint64_t packets = 0;
  uint64_t unknown = 0;  // overwritten before anybody could see whose they were
};

struct SessionState {
  uint64_t delivered = 0;
  uint64_t missed = 0;
  uint64_t filtered = 0;
  SessionFault fault = SessionFault::kNone;
};

// What the ring's header says, all of one moment.
struct RingCounters {
  uint64_t received = 0;
  uint64_t kernel_dropped = PKTTAP_UNKNOWN;
  uint64_t interface_dropped = PKTTAP_UNKNOWN;
  uint64_t published = 0;
  uint64_t bytes = 0;
};

// A sum with something unknown in it is unknown: it must not look as if little was dropped.
inline uint64_t add_counters(uint64_t one, uint64_t other) {
  return one == PKTTAP_UNKNOWN || other == PKTTAP_UNKNOWN ? PKTTAP_UNKNOWN : one + other;
}

struct SourceCounters {
  uint64_t received = 0;
  uint64_t kernel_dropped = PKTTAP_UNKNOWN;
  uint64_t interface_dropped = PKTTAP_UNKNOWN;
};

class RingWriter {
 public:
  RingWriter(RingMemory memory, std::chrono::milliseconds stall_timeout);
  RingWriter(const RingWriter&) = delete;
  RingWriter& operator=(const RingWriter&) = delete;

  // --- the source's thread ---

  // Copies one packet into the ring. May wait for lossless consumers. False: stop() was called meanwhile, and the
  // packet was not taken.
  bool append(const Packet& packet);

  // As append(), but never waits. False: there is no room before a lossless consumer has read on.
  bool try_append(const Packet& packet);

  // Shows consumers everything appended so far and rings those that sleep. Call when the source has nothing more for now.
  void publish();

  // Adds to the interface table; the index for Packet::interface, or -1 if the table is full.
  int64_t add_interface(const Interface& interface);
  // What its packets are; negative if there is no such interface.
  int64_t linktype_of(uint32_t interface) const;

  // What the source has counted; shown to consumers with the next publish().
  SourceCounters counters;

  // --- any thread ---

  // Makes a waiting append() give up, now and from now on.
  void stop();
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

  // Marks the ring as ended, for good, and wakes everybody. The first call counts.
  void end(uint32_t reason, const std::string& message);

  // `lane`: which of the consumer's cursors is for this ring. False: no record begins at the place to resume at, nor ever did.
  bool attach(std::shared_ptr<Consumer> consumer, size_t lane, const Beginning& beginning, Attachment& attachment);
  void detach(const Consumer& consumer);
  // All 0 for one that isn't attached.
  SessionState session_state(const Consumer& consumer);

  // Holds the writer back from publishing. Several writers are held in the order of their lanes.
  std::unique_lock<std::mutex> hold() { return std::unique_lock(mutex_); }
  // While held: what is published.
  RecordPlace tail() const { return {published_, published_sequence_}; }
  // While held: everything below is read by this consumer, or overwritten.
  uint64_t done_below(const Consumer& consumer);

  // Counts what is a consumer's by its share, from its cursor up to `end`, a place that is published.
  HandOver count_unread(const Consumer& consumer, Share share, const pkttap_shares& shares, RecordPlace end);

  // Called from whichever thread found that a session's fault or policy changed. Must not call back into the writer.
  void on_session_change(std::function<void()> notify);

  // Gives the memory and all sessions back. The source's thread must be gone; no other call may follow.
  void release();
  bool released() const { return memory_.header == nullptr; }

  const RingMemory& memory() const { return memory_; }
  // What consumers can see now.
  RingCounters published_counters();

 private:
  enum class Wait { kNever, kForReaders };
  bool put(const Packet& packet, Wait wait);
  bool extend(uint64_t bytes, Wait wait);
  void publish_locked();
  bool wait_for_readers(std::unique_lock<std::mutex>& lock, uint64_t intent);
  void check(Session& session);
  bool gates_allow(uint64_t intent);
  void drop_stalled(uint64_t intent);
  void put_header(const Packet& packet, pkttap_record& record) const;
  void note_record(uint64_t position);
  RingHistory history() const { return {memory_, tail()}; }
  bool begin(const Beginning& beginning, Attachment& attachment) const;

  RingMemory memory_;
  const uint64_t mask_;
  const std::chrono::milliseconds stall_timeout_;

  // The source's thread's own.
  uint64_t position_;       // where the next record goes
  uint64_t reserved_;       // tail_intent: bytes below it may be written
  uint64_t sequence_;       // of the next record
  uint64_t block_;          // block whose checkpoint was written last
  uint64_t bytes_ = 0;      // sum of caplen
  uint32_t interfaces_used_ = 0;
  std::vector<uint16_t> linktypes_;  // by interface

  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  uint64_t published_;           // under mutex_: the tail
  uint64_t published_sequence_;  // under mutex_
  std::map<const Consumer*, Session> sessions_;  // under mutex_
  std::function<void()> notify_;                 // under mutex_
};

}  // namespace pkttap
