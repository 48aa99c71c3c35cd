// One network device, captured from with libpcap, and what it has counted. It belongs to whoever opened it, and then to
// the capture's thread; only counters(), state(), failure() and the facts fixed at opening may be asked from other threads.
#pragma once

#include <pcap/pcap.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "../core/ring_writer.h"
#include "device_filter.h"
#include "fanout.h"
#include "open_failure.h"
#include "open_handle.h"
#include "packet_budget.h"

namespace pkttap {

struct DeviceCounters {
  uint64_t received = 0;                        // packets that libpcap handed to us and that are in the ring
  uint64_t kernel_dropped = PKTTAP_UNKNOWN;     // no room in the kernel's buffer
  uint64_t interface_dropped = PKTTAP_UNKNOWN;  // by the hardware or its driver; known in promiscuous mode only
};

// Numbers are those that src/native/pcap.ts names.
enum class DeviceState : uint32_t {
  kUp = 0,
  kDown = 1,    // taken down: gives packets again once it is up
  kGone = 2,    // isn't there any more; reopen() may bring it back
  kFailed = 3,  // gives nothing any more, for the reason that failure() tells
};

// What one turn of taking packets came to.
struct Round {
  uint32_t taken = 0;
  bool more = false;     // the limit was reached before the packets were
  bool refused = false;  // the ring was stopped, or the budget is spent: nothing is taken any more
  bool failed = false;   // the device gives nothing any more: its state says why
};

class LiveDevice {
 public:
  // Null if it can't be opened; then `failure` says why. `group`, which outlives the device: shares the packets with its
  // other members, none of them before admit(); null: takes all of them, from now on.
  static std::unique_ptr<LiveDevice> open(const std::string& name, const DeviceOptions& options, FanoutGroup* group,
                                          OpenFailure& failure);

  // Lets packets into one of a group. Call when all are members: a new one takes over flows of others. False: see `failure`.
  bool admit(OpenFailure& failure) { return filter_.attach(handle(), failure); }

  // Adds the device to the ring's interface table. False: the table is full.
  bool announce(RingWriter& writer);

  // -1: this device has no descriptor to wait for and is to be asked every required_timeout_ms().
  int fd() const { return opened_.fd; }
  // How often round() must be called even if nothing can be read, in ms; -1: no need.
  int required_timeout_ms() const;

  // Appends what is there, `limit` packets at most, and no more than the budget allows. Never blocks but in append().
  Round round(RingWriter& writer, PacketBudget& budget, uint32_t limit);

  // Whether the device is down, as libpcap noticed by now. True: it has changed since it was last looked at.
  bool review();

  // Opens a device that is gone again, if it is back: under the same interface, with the newest filter, counting on.
  // False: it isn't back, or, if its state says so, it failed for good.
  bool reopen();
  // Gives the handle of a device that gives nothing any more back.
  void close() { opened_.handle.reset(); opened_.fd = -1; }

  // What a filter for this device is compiled for.
  FilterSubject subject() const { return {name_, {linktype_, snaplen_, netmask_}}; }

  // A filter is exchanged in two steps, so that it can be tried on all devices before it is used on any.
  bool try_filter(const FilterProgram& program, OpenFailure& failure);
  // Packets that come from now on pass by this filter alone, and have an interface of their own in the ring's table:
  // those that waited in the kernel's buffer passed by the one before. False: see `failure`.
  bool use_filter(RingWriter& writer, const FilterProgram& program, OpenFailure& failure);

  // Lets no new packet in, so that what has come until now can be taken to the end. False: the kernel won't have it.
  bool shut();
  // Whether every packet that the kernel counted as ours was taken. Never true on a device of which libpcap itself
  // rejects packets: there nobody counts those.
  bool drained();

  // Asks libpcap what was dropped, for counters().
  void refresh_counters();
  DeviceCounters counters() const;

  const std::string& name() const { return name_; }
  uint32_t linktype() const { return linktype_; }
  uint32_t snaplen() const { return snaplen_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

  DeviceState state() const { return state_.load(std::memory_order_relaxed); }
  bool lost() const { return state() >= DeviceState::kGone; }
  // Why the device gives nothing any more, in libpcap's words; empty: it still does.
  std::string failure() const;

 private:
  struct Change {
    uint64_t ts_ns;  // packets of a later time ...
    uint32_t interface;  // ... are of this interface
  };

  LiveDevice(std::string name, const DeviceOptions& options, FanoutGroup* group)
      : name_(std::move(name)), options_(options), group_(group) {}

  bool begin(OpenFailure& failure);
  bool begin_again(OpenFailure& failure);
  bool join_group(OpenFailure& failure);
  void learn_facts();
  void fail(DeviceState state, std::string why);
  bool is_gone() const;
  int64_t add_to_table(RingWriter& writer, const std::string& filter) const;
  pcap_t* handle() const { return opened_.handle.get(); }

  static void on_packet(u_char* context, const pcap_pkthdr* header, const u_char* data);
  uint32_t interface_at(uint64_t ts_ns);
  uint32_t flags_of(const u_char* data, uint32_t caplen) const;
  void add_difference(std::atomic<uint64_t>& total, uint32_t& last, uint32_t now);

  const std::string name_;
  const DeviceOptions options_;
  FanoutGroup* const group_;
  OpenedHandle opened_;
  FilterProgram program_;  // the newest
  DeviceFilter filter_, tried_;
  std::string description_;
  std::vector<std::string> warnings_;
  uint32_t if_index_ = 0;  // 0: not a network interface (any, usbmon0 ...)
  uint32_t linktype_ = 0;
  uint32_t snaplen_ = 0;
  uint32_t netmask_ = PCAP_NETMASK_UNKNOWN;
  uint32_t fixed_flags_ = 0;  // of every packet
  uint32_t interface_ = 0;    // index in the ring's table
  std::deque<Change> changes_;  // of interface_, that packets have not come to yet
  bool counts_interface_drops_ = false;

  uint32_t last_received_ = 0, last_dropped_ = 0, last_interface_dropped_ = 0;  // as libpcap counts, modulo 2^32
  uint64_t rejected_ = 0;             // by the part of the filter that the kernel doesn't run
  std::atomic<uint64_t> offered_{0};  // by the kernel: taken, dropped or still in its buffer
  std::atomic<uint64_t> received_{0}, dropped_{0}, interface_dropped_{0};
  std::atomic<bool> counted_{false};  // refresh_counters() has worked
  std::atomic<DeviceState> state_{DeviceState::kUp};
  mutable std::mutex mutex_;
  std::string failure_;  // under mutex_
};

}  // namespace pkttap
