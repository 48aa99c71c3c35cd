// Filters in libpcap's language (pcap-filter(7)), compiled without a device: for packets of savefiles and those of consumers,
// and for live devices on another thread than their own. Compiling may take seconds: libpcap's optimizer is what it is.
#pragma once

#include <pcap/pcap.h>

#include <cstdint>
#include <string>
#include <vector>

#include "../core/bpf.h"
#include "../core/status.h"

namespace pkttap {

// The packets that a filter is for.
struct FilterTarget {
  uint32_t linktype = 0;
  uint32_t snaplen = 0;  // bytes, 1 to PKTTAP_MAX_CAPLEN; what the program returns for a packet that matches
  uint32_t netmask = PCAP_NETMASK_UNKNOWN;  // for `ip broadcast` alone, which is refused where it is unknown
};

// The program for packets that no socket will ever see. An invalid expression, or one that this link type can't answer, or
// that only a live device could, or that needs a loop, gives a Status with the reason in words. Any thread.
Status compile_filter(const std::string& expression, const FilterTarget& target, std::vector<BpfInstruction>& program);

// The same for a live device, whose kernel may be asked what it alone knows of a packet. Any thread.
Status compile_for_kernel(const std::string& expression, const FilterTarget& target, std::vector<BpfInstruction>& program);

// Whether our own machine can run a program of compile_for_kernel(); the reason in words if not.
Status check_own(const std::vector<BpfInstruction>& program);

// What pcap_compile(3PCAP) gave, which it frees.
void take_program(bpf_program& compiled, std::vector<BpfInstruction>& program);

}  // namespace pkttap
