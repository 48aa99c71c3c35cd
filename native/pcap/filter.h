// Filters in libpcap's language (pcap-filter(7)), compiled for packets that no socket will ever see: replayed savefiles
// and consumers. A live device compiles its own, with what only the kernel knows of a packet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../core/bpf.h"
#include "../core/status.h"

namespace pkttap {

// The program for packets of this link type. An invalid expression, or one that this link type can't answer, or that only a
// live device could, or that needs a loop, gives a Status with the reason in words. Any thread. `snaplen`: bytes, 1 to
// PKTTAP_MAX_CAPLEN; a packet that matches returns it.
Status compile_filter(const std::string& expression, uint32_t linktype, uint32_t snaplen,
                      std::vector<BpfInstruction>& program);

}  // namespace pkttap
