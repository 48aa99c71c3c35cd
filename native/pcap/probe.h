// What a device says of itself once it is open: opened for a moment, not promiscuous, with no packet taken. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "open_failure.h"

namespace pkttap {

struct DeviceProbe {
  uint32_t linktype = 0;                     // LINKTYPE_*
  std::vector<std::string> timestamp_types;  // names of pcap-tstamp(7); empty: the kernel's own only
};

// False: `failure` says why a capture would fail, too.
bool probe_device(const std::string& name, DeviceProbe& probe, OpenFailure& failure);

}  // namespace pkttap
