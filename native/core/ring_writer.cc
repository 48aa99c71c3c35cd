#include "ring_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "atomics.h"

namespace pkttap {

namespace {

constexpr uint64_t kBlock = uint64_t{1} << PKTTAP_BLOCK_SHIFT;
constexpr uint64_t kNoBlock = UINT64_MAX;

// Waiting for readers: short naps at first, so that a fast reader is not kept waiting, then longer ones.
constexpr std::chrono::microseconds kShortestNap{50};
constexpr std::chrono::microseconds kLongestNap{1000};

uint64_t padded(uint64_t bytes, uint64_t unit) { return (bytes + unit - 1) & ~(unit - 1); }

uint64_t record_bytes(const Packet& packet) {
  uint64_t bytes = sizeof(pkttap_record) + packet.caplen;
  if (packet.options_bytes != 0) bytes = padded(bytes, 4) + sizeof packet.options_bytes + packet.options_bytes;
  return padded(bytes, PKTTAP_RECORD_ALIGNMENT);
}

// Behind a packet's bytes.
void put_options(const Packet& packet, uint8_t* data) {
  uint8_t* at = data + padded(packet.caplen, 4);
  std::memcpy(at, &packet.options_bytes, sizeof packet.options_bytes);
  std::memcpy(at + sizeof packet.options_bytes, packet.options, packet.options_bytes);
}

uint64_t round_up_to_block(uint64_t position) { return (position + kBlock - 1) & ~(kBlock - 1); }

// Appends one interface option (code, length, value padded to 4) at `at`; values too long for their field are cut.
uint32_t put_option(uint8_t* at, uint16_t code, const std::string& value) {
  if (value.empty()) return 0;
  const auto length = static_cast<uint16_t>(std::min<size_t>(value.size(), 4096));
  std::memcpy(at, &code, 2);
  std::memcpy(at + 2, &length, 2);
  std::memcpy(at + 4, value.data(), length);
  return 4 + ((length + 3u) & ~3u);
}

constexpr uint32_t kLargestInterface = sizeof(pkttap_interface) + 4 * (4 + 4096) + 16;

}  // namespace

RingWriter::RingWriter(RingMemory memory, std::chrono::milliseconds stall_timeout)
    : memory_(std::move(memory)),
      mask_(memory_.header->capacity - 1),
      stall_timeout_(stall_timeout),
      position_(memory_.header->first_position),
      reserved_(position_),
      sequence_(memory_.header->first_sequence),
      block_(kNoBlock),
      published_(position_),
      published_sequence_(sequence_) {}

bool RingWriter::append(const Packet& packet) { return put(packet, Wait::kForReaders); }

bool RingWriter::try_append(const Packet& packet) { return put(packet, Wait::kNever); }

bool RingWriter::put(const Packet& packet, Wait wait) {
  const uint64_t bytes = record_bytes(packet);
  if (position_ + bytes > reserved_ && !extend(bytes, wait)) return false;
  if (position_ >> PKTTAP_BLOCK_SHIFT != block_) note_record(position_);
  uint8_t* at = memory_.data + (position_ & mask_);
  put_header(packet, *reinterpret_cast<pkttap_record*>(at));
  std::memcpy(at + sizeof(pkttap_record), packet.data, packet.caplen);
  if (packet.options_bytes != 0) put_options(packet, at + sizeof(pkttap_record));
  position_ += bytes;
  bytes_ += packet.caplen;
  ++sequence_;
  return true;
}

// Field by field into the ring: a header made on the stack and copied in wide pieces would have to wait until all stores
// before it have left the core, among them those to the ring's lines that a reader's core still holds.
void RingWriter::put_header(const Packet& packet, pkttap_record& record) const {
  const uint32_t truncated = packet.caplen < packet.origlen ? PKTTAP_FLAG_TRUNCATED : 0;
  const uint32_t options = packet.options_bytes != 0 ? PKTTAP_FLAG_OPTIONS : 0;
  record.caplen = packet.caplen;
  record.origlen = packet.origlen;
  record.ts_ns = packet.ts_ns;
  record.interface_and_flags = packet.interface | (packet.flags | truncated | options) << PKTTAP_INTERFACE_BITS;
  record.flow_hash = flow_hash(packet.data, packet.caplen, packet.linktype);
  record.sequence = sequence_;
}

// The first record that starts in a block is where a late or lapped reader can get in.
void RingWriter::note_record(uint64_t position) {
  block_ = position >> PKTTAP_BLOCK_SHIFT;
  memory_.checkpoints[block_ & (mask_ >> PKTTAP_BLOCK_SHIFT)] = {position, sequence_};
}

bool RingWriter::extend(uint64_t bytes, Wait wait) {
  const uint64_t intent = round_up_to_block(position_ + bytes);
  std::unique_lock lock(mutex_);
  publish_locked();
  if (wait == Wait::kForReaders && !wait_for_readers(lock, intent)) return false;
  if (wait == Wait::kNever && !gates_allow(intent)) {
    drop_stalled(intent);
    return false;
  }
  // ORDERING: the release fence keeps the bytes written from here on behind the new intent. Partner: a reader's acquire
  // fence between reading bytes and loading the intent.
  store_relaxed(memory_.header->tail_intent, intent);
  fence_release();
  reserved_ = intent;
  return true;
}

void RingWriter::publish() {
  std::lock_guard lock(mutex_);
  publish_locked();
}

void RingWriter::publish_locked() {
  pkttap_ring_header& header = *memory_.header;
  store_relaxed(header.received, counters.received);
  store_relaxed(header.kernel_dropped, counters.kernel_dropped);
  store_relaxed(header.interface_dropped, counters.interface_dropped);
  if (position_ == published_) return;
  published_ = position_;
  published_sequence_ = sequence_;
  store_relaxed(header.bytes, bytes_);
  store_relaxed(header.sequence, sequence_);
  // ORDERING: release, partner: the readers' acquire of tail. The records and counters above come first.
  store_release(header.tail, position_);
  // ORDERING: full, partner: a reader that says it sleeps and then looks at the tail again. One of both sees the other.
  fence_full();
  for (auto& [consumer, session] : sessions_) {
    check(session);
    session.consumer().ring_if_sleeping();
  }
}

// Reads a session's cursor and tells if that shows a fault. Once is enough: the session is as good as gone then.
void RingWriter::check(Session& session) {
  if (session.fault() != SessionFault::kNone) return;
  session.check_position(published_);
  if (session.fault() != SessionFault::kNone && notify_) notify_();
}

bool RingWriter::wait_for_readers(std::unique_lock<std::mutex>& lock, uint64_t intent) {
  auto nap = kShortestNap;
  while (!gates_allow(intent)) {
    if (stopped()) return false;
    drop_stalled(intent);
    wake_.wait_for(lock, nap);
    nap = std::min(nap * 2, kLongestNap);
  }
  return !stopped();
}

// Whether writing up to `intent` overwrites nothing that a lossless reader still needs.
bool RingWriter::gates_allow(uint64_t intent) {
  bool allowed = true;
  for (auto& [consumer, session] : sessions_) {
    if (!session.gates()) continue;
    check(session);
    if (session.gates() && session.position() + mask_ + 1 < intent) allowed = false;
  }
  return allowed;
}

// A lossless reader that has not moved for the stall timeout, while the writer waits for it, is made lossy.
void RingWriter::drop_stalled(uint64_t intent) {
  for (auto& [consumer, session] : sessions_) {
    if (!session.gates() || session.position() + mask_ + 1 >= intent || !session.has_stalled(stall_timeout_)) continue;
    if (session.consumer().make_lossy() && notify_) notify_();
  }
}

int64_t RingWriter::add_interface(const Interface& interface) {
  pkttap_ring_header& header = *memory_.header;
  const uint32_t index = header.interface_count;
  if (interfaces_used_ + kLargestInterface > header.interfaces_bytes) {
    // Near the end the entry's real size decides.
    const size_t strings =
        interface.name.size() + interface.description.size() + interface.filter.size() + interface.os.size();
    if (strings != 0 || interface.fcslen >= 0 || interfaces_used_ + sizeof(pkttap_interface) > header.interfaces_bytes) return -1;
  }
  if (index >> PKTTAP_INTERFACE_BITS != 0) return -1;
  uint8_t* entry = memory_.interfaces + interfaces_used_;
  uint32_t used = sizeof(pkttap_interface);
  used += put_option(entry + used, 2, interface.name);
  used += put_option(entry + used, 3, interface.description);
  used += put_option(entry + used, 11, interface.filter);
  used += put_option(entry + used, 12, interface.os);
  if (interface.fcslen >= 0) used += put_option(entry + used, 13, std::string(1, static_cast<char>(interface.fcslen)));
  used = (used + 7u) & ~7u;
  pkttap_interface fixed{};
  fixed.bytes = static_cast<uint16_t>(used);
  fixed.linktype = static_cast<uint16_t>(interface.linktype);
  fixed.snaplen = interface.snaplen;
  fixed.section = interface.section;
  fixed.timestamp_source = static_cast<uint8_t>(interface.timestamp_source);
  std::memcpy(entry, &fixed, sizeof fixed);
  interfaces_used_ += used;
  // ORDERING: release, partner: readers' acquire of interface_count. The entry is whole before it is counted.
  store_release(header.interface_count, index + 1);
  linktypes_.push_back(static_cast<uint16_t>(interface.linktype));
  return index;
}

int64_t RingWriter::linktype_of(uint32_t interface) const {
  return interface < linktypes_.size() ? int64_t{linktypes_[interface]} : -1;
}

void RingWriter::stop() {
  stopped_.store(true, std::memory_order_relaxed);
  wake_.notify_all();
}

void RingWriter::end(uint32_t reason, const std::string& message) {
  std::lock_guard lock(mutex_);
  pkttap_ring_header& header = *memory_.header;
  if (header.state == PKTTAP_STATE_ENDED) return;
  header.end_reason = reason;
  const size_t length = std::min(message.size(), sizeof header.end_message - 1);
  std::memcpy(header.end_message, message.data(), length);
  header.end_message[length] = '\0';
  // ORDERING: release, partner: readers' acquire of state. The reason and the last tail come first.
  store_release(header.state, PKTTAP_STATE_ENDED);
  fence_full();
  for (auto& [consumer, session] : sessions_) session.consumer().ring_if_sleeping();
}

bool RingWriter::attach(std::shared_ptr<Consumer> consumer, size_t lane, const Beginning& beginning, Attachment& attachment) {
  std::lock_guard lock(mutex_);
  if (!begin(beginning, attachment)) return false;
  const Consumer* key = consumer.get();
  const auto& [position, sequence] = attachment.place;
  sessions_.try_emplace(key, std::move(consumer), lane, RecordPlace{position, sequence - attachment.missed});
  return true;
}

bool RingWriter::begin(const Beginning& beginning, Attachment& attachment) const {
  attachment = {tail(), 0};
  if (beginning.start == Start::kNow) return true;
  const RecordPlace oldest = history().oldest();
  const RecordPlace& wanted = beginning.place;
  if (beginning.start == Start::kOldest || wanted.position < oldest.position) attachment.place = oldest;
  if (beginning.start == Start::kOldest) return true;
  // Attack: a place in the middle of a record, or beyond the tail, or with a sequence that would have us count backwards.
  if (wanted.position < oldest.position) {
    attachment.missed = oldest.sequence - wanted.sequence;
    return wanted.sequence < oldest.sequence && wanted.sequence >= memory_.header->first_sequence;
  }
  attachment.place = history().find(wanted.position);
  return attachment.place == wanted;
}

uint64_t RingWriter::done_below(const Consumer& consumer) {
  const uint64_t intact = history().oldest().position;
  const auto found = sessions_.find(&consumer);
  if (found == sessions_.end()) return intact;
  check(found->second);
  return std::max(found->second.position(), intact);
}

// Bytes of records that are looked at without letting the writer go on.
constexpr uint64_t kCountAtOnce = uint64_t{1} << 20;

HandOver RingWriter::count_unread(const Consumer& consumer, Share share, const pkttap_shares& shares, RecordPlace end) {
  HandOver result;
  auto lock = hold();
  const auto found = sessions_.find(&consumer);
  if (found == sessions_.end()) return result;
  share.refresh(shares);
  RecordPlace at{found->second.position(), found->second.sequence()};
  while (at.position < end.position) {
    const RingHistory past = history();
    const RecordPlace from = past.find(at.position);
    const uint64_t lapped = std::min(from.sequence, end.sequence);
    if (at.position < from.position) result.unknown += lapped - std::min(lapped, at.sequence);
    for (at = from; at.position < end.position && at.position - from.position < kCountAtOnce; at = past.next(at)) {
      if (!share.reach(at.sequence)) result.unknown++;
      else if (share.takes(past.record(at).flow_hash)) result.packets++;
    }
    lock.unlock();
    lock.lock();
  }
  return result;
}

void RingWriter::detach(const Consumer& consumer) {
  {
    std::lock_guard lock(mutex_);
    sessions_.erase(&consumer);
  }
  wake_.notify_all();
}

SessionState RingWriter::session_state(const Consumer& consumer) {
  std::lock_guard lock(mutex_);
  const auto found = sessions_.find(&consumer);
  if (found == sessions_.end()) return {};
  Session& session = found->second;
  check(session);
  return {session.delivered(), session.missed(), session.filtered(), session.fault()};
}

RingCounters RingWriter::published_counters() {
  std::lock_guard lock(mutex_);
  const pkttap_ring_header& header = *memory_.header;
  return {header.received, header.kernel_dropped, header.interface_dropped, header.sequence - header.first_sequence,
          header.bytes};
}

void RingWriter::release() {
  std::lock_guard lock(mutex_);
  sessions_.clear();
  notify_ = nullptr;
  memory_ = RingMemory{};
}

void RingWriter::on_session_change(std::function<void()> notify) {
  std::lock_guard lock(mutex_);
  notify_ = std::move(notify);
}

}  // namespace pkttap
