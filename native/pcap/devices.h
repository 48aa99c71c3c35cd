// What there is to capture from, as libpcap sees it. Plain values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../core/status.h"

namespace pkttap {

struct DeviceAddress {
  std::string address;  // IPv4 or IPv6, in text
  std::string netmask;  // empty: not known
};

struct DeviceInfo {
  std::string name;
  std::string description;  // empty: none
  uint32_t flags = 0;       // PCAP_IF_*
  std::vector<DeviceAddress> addresses;
};

// In libpcap's order: what one would most likely capture from comes first.
Status list_devices(std::vector<DeviceInfo>& devices);

}  // namespace pkttap
