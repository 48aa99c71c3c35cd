// What is asked of the kernel about a network device, and of the system, beside what libpcap tells. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace pkttap {

bool is_loopback(const std::string& device);

// Whether its owner has it up, with or without a cable. False for what isn't there.
bool is_up(const std::string& device);

// libpcap's words for a device; empty: none.
std::string description_of(const std::string& device);

// Of its IPv4 network, as pcap_lookupnet(3PCAP) has it; PCAP_NETMASK_UNKNOWN: it has none.
uint32_t netmask_of(const std::string& device);

// As pcapng's if_os: name and release.
std::string operating_system();

}  // namespace pkttap
