// The symmetric flow hash: the same for both directions of a conversation, so that a share of the traffic keeps whole
// conversations. Addresses, protocol and ports of the outermost IP header; fragments hash without ports, so that all
// fragments of a packet agree. 0: not IP. docs/layout.md has the formula; a test computes it a second time.
#pragma once

#include <cstdint>

namespace pkttap {

uint32_t flow_hash(const uint8_t* packet, uint32_t caplen, uint32_t linktype);

}  // namespace pkttap
