// The injector thread: a consumer of the ring, attached like any other and waited for like a lossless one, that puts each
// packet on a device as it is published. What can't be put there is counted by its cause and stops nothing, but for a
// device that is gone and for packets of another link type than the device's.
//
// Threads: one of its own, from start() until after on_end. All that is public may be called from the thread that opened it.
#pragma once

#include <pcap/pcap.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../core/ring_writer.h"
#include "../core/thread.h"
#include "open_failure.h"

namespace pkttap {

struct InjectCounters {
  uint64_t injected = 0;   // packets the device took
  uint64_t truncated = 0;  // of those: went out as short as they were captured
  uint64_t too_long = 0;   // longer than the device's MTU
  uint64_t failed = 0;     // refused for another reason; InjectEnd::last_error says which
  uint64_t missed = 0;     // overwritten in the ring, by when a device had taken nothing for the stall timeout
};

enum class InjectOutcome : uint32_t {
  kFinished = 0,
  kStopped = 1,
  kGone = 2,           // the device isn't there any more
  kWrongLinktype = 3,  // of `linktype`, which the device doesn't take
};

struct InjectEnd {
  InjectOutcome outcome = InjectOutcome::kFinished;
  uint32_t linktype = 0;
  std::string last_error;  // libpcap's words; empty: no packet was refused but for its length
};

class Injector {
 public:
  // Null if the device can't be opened; then `failure` says why.
  static std::unique_ptr<Injector> open(const std::string& device, OpenFailure& failure);
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;
  // OWNER: joins the thread; what it has not put on the device is given up.
  ~Injector();

  // Once. Attaches to the ring: packets published from now on are put on the device. The writer outlives the injector.
  // `on_end` is called once, last, from the thread.
  Status start(RingWriter& writer, std::function<void(InjectEnd)> on_end);
  // The source has published its last packet: ends when all are on the device.
  void finish();
  // Ends now.
  void stop();
  // After on_end: the thread is over and gone.
  void join() { thread_.join(); }

  InjectCounters counters() const;
  uint32_t linktype() const { return linktype_; }

 private:
  using Handle = std::unique_ptr<pcap_t, void (*)(pcap_t*)>;

  Injector(Handle handle, uint32_t if_index, UniqueFd wake);

  Status attach(RingWriter& writer);
  InjectEnd run();
  bool put_all(uint64_t tail);
  bool put(const pkttap_record& record, const uint8_t* data);
  bool refused(int error);
  bool lapped() const;
  uint32_t linktype_of(uint32_t interface);
  void sleep();

  const pkttap_ring_header& header() const { return *reinterpret_cast<const pkttap_ring_header*>(ring_.base()); }

  const Handle handle_;
  const uint32_t if_index_;
  const uint32_t linktype_;
  const UniqueFd wake_;  // eventfd, readable once finish() or stop() was called
  Thread thread_;
  std::function<void(InjectEnd)> on_end_;
  std::atomic<bool> finishing_{false}, stopping_{false};

  // The thread's own, from start() on.
  Mapping ring_, cursor_;  // OWNER: mappings of its own, so that the ring may be released before it ends
  UniqueFd bell_;
  uint64_t position_ = 0, sequence_ = 0;  // of the next record
  std::vector<uint32_t> linktypes_;       // by interface, as far as they were needed
  uint32_t interfaces_read_ = 0;          // bytes of the interface table
  InjectEnd end_;

  std::atomic<uint64_t> injected_{0}, truncated_{0}, too_long_{0}, failed_{0}, missed_{0};
};

}  // namespace pkttap
