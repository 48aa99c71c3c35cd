// Why a device can't be opened, in a form that TypeScript can make an error of.
#pragma once

#include <pcap/pcap.h>

#include <cstdint>
#include <string>

namespace pkttap {

struct OpenFailure {
  enum Kind : uint32_t {
    kOther = 0, kNoDevice = 1, kPermission = 2, kBadFilter = 3, kDeviceDown = 4,
    kNoMonitorMode = 5, kLinktype = 6, kTimestampType = 7,
  };
  Kind kind = kOther;
  int pcap_status = 0;  // PCAP_ERROR_*
  std::string device;
  std::string detail;  // libpcap's words
};

// What a status of pcap_activate(3PCAP) means.
OpenFailure::Kind failure_kind(int status);

// What libpcap says about a status: its own words for the handle if it has any, else the general ones.
std::string failure_words(pcap_t* handle, int status);

// Fills in a failure. Always false, for callers to return.
bool refuse(OpenFailure& failure, OpenFailure::Kind kind, int status, std::string detail);

}  // namespace pkttap
