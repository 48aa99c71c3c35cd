// One network device, opened with libpcap, and what it has counted. It belongs to whoever opened it, and then to the
// capture's thread; only counters(), failure() and the facts fixed at opening may be asked from other threads.
#pragma once

#include <pcap/pcap.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../core/ring_writer.h"
#include "open_failure.h"

namespace pkttap {

enum class Direction : uint32_t { kBoth = 0, kIn = 1, kOut = 2 };

struct DeviceOptions {
  std::string filter;                    // pcap-filter(7); empty: all packets
  uint32_t snaplen = PKTTAP_MAX_CAPLEN;  // bytes, 1 to PKTTAP_MAX_CAPLEN
  uint32_t buffer_bytes = 16u << 20;     // of the kernel's buffer
  uint32_t timeout_ms = 50;              // at least 1; how long the kernel may hold packets back to hand over more at once
  bool immediate = false;                // the kernel holds nothing back, at the price of a wake-up per packet
  bool promiscuous = true;
  Direction direction = Direction::kBoth;
  std::string timestamp_type;            // pcap-tstamp(7); empty: the device's default
};

struct DeviceCounters {
  uint64_t received = 0;                        // packets that libpcap handed to us and that are in the ring
  uint64_t kernel_dropped = PKTTAP_UNKNOWN;     // no room in the kernel's buffer
  uint64_t interface_dropped = PKTTAP_UNKNOWN;  // by the hardware or its driver; known in promiscuous mode only
};

// What one turn of taking packets came to.
struct Round {
  uint32_t taken = 0;
  bool more = false;     // the limit was reached before the packets were
  bool refused = false;  // the ring was stopped and takes nothing any more
  bool failed = false;   // the device gives nothing any more; failure() says why
};

class LiveDevice {
 public:
  // Null if it can't be opened; then `failure` says why.
  static std::unique_ptr<LiveDevice> open(const std::string& name, const DeviceOptions& options, OpenFailure& failure);

  // Adds the device to the ring's interface table. False: the table is full.
  bool announce(RingWriter& writer);

  // -1: this device has no descriptor to wait for and is to be asked every required_timeout_ms().
  int fd() const { return fd_; }
  // How often round() must be called even if nothing can be read, in ms; -1: no need.
  int required_timeout_ms() const;

  // Appends what is there, `limit` packets at most. Never blocks but in append().
  Round round(RingWriter& writer, uint32_t limit);

  // Lets no new packet in, so that what has come until now can be taken to the end. False: the kernel won't have it.
  bool shut();
  // Whether every packet that the kernel counted as ours was taken. Never true on a device of which libpcap itself
  // rejects packets: there nobody counts those.
  bool drained();

  // Asks libpcap what was dropped, for counters().
  void refresh_counters();
  DeviceCounters counters() const;

  // Gives the descriptor and the kernel's buffer back. Only facts and counters are left to ask for.
  void close() { handle_.reset(); }

  const std::string& name() const { return name_; }
  uint32_t linktype() const { return linktype_; }
  uint32_t snaplen() const { return snaplen_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

  // Why the device gives nothing any more, in libpcap's words; empty: it still does.
  const std::string& failure() const { return failure_; }
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  // Whether it failed because it isn't there any more.
  bool gone() const;

 private:
  LiveDevice(std::string name, pcap_t* handle) : name_(std::move(name)), handle_(handle, pcap_close) {}

  bool configure(const DeviceOptions& options, OpenFailure& failure);
  bool activate(const DeviceOptions& options, OpenFailure& failure);
  bool set_filter(const std::string& expression, OpenFailure& failure);
  bool prepare_to_poll(OpenFailure& failure);
  void learn_facts(const DeviceOptions& options);

  static void on_packet(u_char* context, const pcap_pkthdr* header, const u_char* data);
  uint32_t flags_of(const u_char* data, uint32_t caplen) const;
  void add_difference(std::atomic<uint64_t>& total, uint32_t& last, uint32_t now);

  const std::string name_;
  std::unique_ptr<pcap_t, void (*)(pcap_t*)> handle_;
  std::string filter_;
  std::vector<std::string> warnings_;
  int fd_ = -1;
  uint32_t if_index_ = 0;  // 0: not a network interface (any, usbmon0 ...)
  uint32_t linktype_ = 0;
  uint32_t snaplen_ = 0;
  uint32_t ns_per_fraction_ = 1;
  uint32_t timestamp_source_ = PKTTAP_TS_KERNEL;
  uint32_t fixed_flags_ = 0;  // of every packet
  uint32_t interface_ = 0;    // index in the ring's table
  bool counts_interface_drops_ = false;

  uint32_t last_received_ = 0, last_dropped_ = 0, last_interface_dropped_ = 0;  // as libpcap counts, modulo 2^32
  std::atomic<uint64_t> offered_{0};  // by the kernel: taken, dropped or still in its buffer
  std::atomic<uint64_t> received_{0}, dropped_{0}, interface_dropped_{0};
  std::atomic<bool> counted_{false};  // refresh_counters() has worked
  std::string failure_;               // written once, before failed_
  std::atomic<bool> failed_{false};
};

}  // namespace pkttap
