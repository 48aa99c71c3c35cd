// What a device says of itself, and what it can be asked for: who makes its timestamps, and the link types of its packets.
// Opened for a moment at most, not promiscuous, with no packet taken. Plain values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "open_failure.h"

namespace pkttap {

struct Choice {
  std::string name;
  std::string description;
};

struct DeviceProbe {
  uint32_t linktype = 0;                // LINKTYPE_*
  std::vector<Choice> timestamp_types;  // empty: the kernel's own only
};

// Opens the device. False: `failure` says why a capture would fail, too.
bool probe_device(const std::string& device, DeviceProbe& probe, OpenFailure& failure);

// For pcap_set_tstamp_type(3PCAP). Empty: this can't be chosen. False: see `failure`.
bool list_timestamp_types(const std::string& device, std::vector<Choice>& choices, OpenFailure& failure);

// For pcap_set_datalink(3PCAP), in or out of monitor mode. Opens the device to learn them. False: see `failure`.
bool list_linktypes(const std::string& device, bool monitor, std::vector<Choice>& choices, OpenFailure& failure);

}  // namespace pkttap
