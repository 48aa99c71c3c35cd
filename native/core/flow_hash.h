// The symmetric flow hash: the same for both directions of a conversation, so that a share of the traffic keeps whole
// conversations. Addresses, protocol and ports of the outermost IP header; fragments hash without ports, so that all
// fragments of a packet agree. 0: not IP. docs/layout.md has the formula; a test computes it a second time.
#pragma once

#include <cstdint>

namespace pkttap {

uint32_t flow_hash(const uint8_t* packet, uint32_t caplen, uint32_t linktype);

// Whether the packet is of the flow that its hash stands for, and of no other: plain IP with TCP, UDP, SCTP, ICMP that is no
// error, or ESP. False for fragments, which don't tell their ports; ICMP errors, which are about another flow; what may be a
// tunnel, and lies around packets of other flows; IPv6 with extension headers, which may say of what flow it is only at its
// end; and for what is not IP, as far as can be seen from here.
bool tells_its_flow(const uint8_t* packet, uint32_t caplen, uint32_t linktype);

}  // namespace pkttap
