// Opening a device with libpcap: what was asked for, what libpcap granted, and not a packet taken before the caller has
// put its filter in place.
#pragma once

#include <pcap/pcap.h>

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
  bool monitor = false;                  // Wi-Fi: all that is in the air, with radio headers
  bool microseconds = false;             // timestamps cut to them
  Direction direction = Direction::kBoth;
  std::string timestamp_type;            // pcap-tstamp(7); empty: the device's default
  std::string linktype;                  // a name of `pcap_list_datalinks(3PCAP)`; empty: the device's default
};

using PcapHandle = std::unique_ptr<pcap_t, void (*)(pcap_t*)>;

struct OpenedHandle {
  PcapHandle handle{nullptr, pcap_close};
  int fd = -1;  // to wait for; -1: none, ask every pcap_get_required_select_timeout(3PCAP)
  uint32_t ns_per_fraction = 1;
  uint32_t timestamp_source = PKTTAP_TS_KERNEL;
  std::vector<std::string> warnings;
};

// A handle that gives packets without blocking, once let_in() was called. Null handle: see `failure`.
OpenedHandle open_handle(const std::string& device, const DeviceOptions& options, OpenFailure& failure);

// Lets packets in. Between the two the filter is to be attached: libpcap's own order lets in what came before the filter.
bool let_in(const OpenedHandle& opened, OpenFailure& failure);

}  // namespace pkttap
