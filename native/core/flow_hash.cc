#include "flow_hash.h"

namespace pkttap {

namespace {

// LINKTYPE_* numbers, https://www.tcpdump.org/linktypes.html
enum Linktype : uint32_t {
  kNull = 0,
  kEthernet = 1,
  kRawBsd = 12,
  kRawOpenBsd = 14,
  kRaw = 101,
  kLoop = 108,
  kLinuxSll = 113,
  kIpv4 = 228,
  kIpv6 = 229,
  kLinuxSll2 = 276,
};

constexpr uint32_t kNotIp = 0;

uint32_t be16(const uint8_t* at) { return uint32_t{at[0]} << 8 | at[1]; }
uint32_t be32(const uint8_t* at) { return be16(at) << 16 | be16(at + 2); }

// The finaliser of MurmurHash3 (public domain): every input bit reaches every output bit.
uint32_t mix(uint32_t value) {
  value ^= value >> 16;
  value *= 0x85ebca6bu;
  value ^= value >> 13;
  value *= 0xc2b2ae35u;
  return value ^ value >> 16;
}

// One end of the conversation: its address folded to 32 bits, and its port (0: none).
uint32_t end_hash(uint32_t address, uint32_t port) { return mix(address ^ port * 0x9e3779b1u); }

// Adding the two ends makes the direction vanish. 0 is kept for "not IP".
uint32_t both_ends(uint32_t a, uint32_t b, uint32_t protocol) {
  const uint32_t hash = mix(a + b + protocol);
  return hash == kNotIp ? 1 : hash;
}

bool has_ports(uint32_t protocol) { return protocol == 6 || protocol == 17 || protocol == 132; }

uint32_t hash_ipv4(const uint8_t* ip, uint32_t bytes) {
  if (bytes < 20) return kNotIp;
  const uint32_t header = (ip[0] & 15u) * 4;
  const uint32_t protocol = ip[9];
  const bool fragment = (be16(ip + 6) & 0x3fffu) != 0;
  uint32_t source_port = 0, dest_port = 0;
  if (!fragment && has_ports(protocol) && header >= 20 && bytes >= header + 4) {
    source_port = be16(ip + header);
    dest_port = be16(ip + header + 2);
  }
  return both_ends(end_hash(be32(ip + 12), source_port), end_hash(be32(ip + 16), dest_port), protocol);
}

uint32_t fold_ipv6(const uint8_t* address) {
  uint32_t folded = be32(address);
  for (int word = 4; word < 16; word += 4) folded = folded * 0x01000193u ^ be32(address + word);
  return folded;
}

// Extension headers are walked only as far as they tell the protocol; a fragment header ends the walk without ports.
uint32_t hash_ipv6(const uint8_t* ip, uint32_t bytes) {
  if (bytes < 40) return kNotIp;
  uint32_t protocol = ip[6];
  uint32_t at = 40;
  while ((protocol == 0 || protocol == 43 || protocol == 60) && at + 2 <= bytes) {
    protocol = ip[at];
    at += (ip[at + 1] + 1u) * 8;
  }
  if (protocol == 44 && at + 1 <= bytes) {
    protocol = ip[at];
    at = bytes;
  }
  uint32_t source_port = 0, dest_port = 0;
  if (has_ports(protocol) && at + 4 <= bytes) {
    source_port = be16(ip + at);
    dest_port = be16(ip + at + 2);
  }
  return both_ends(end_hash(fold_ipv6(ip + 8), source_port), end_hash(fold_ipv6(ip + 24), dest_port), protocol);
}

uint32_t hash_ip(const uint8_t* ip, uint32_t bytes) {
  if (bytes == 0) return kNotIp;
  if (ip[0] >> 4 == 4) return hash_ipv4(ip, bytes);
  if (ip[0] >> 4 == 6) return hash_ipv6(ip, bytes);
  return kNotIp;
}

// Where the outermost IP header is, and the bytes from there on. None: not IP.
struct IpPart {
  const uint8_t* ip = nullptr;
  uint32_t bytes = 0;
};

IpPart from(const uint8_t* packet, uint32_t caplen, uint32_t at) {
  return at <= caplen ? IpPart{packet + at, caplen - at} : IpPart{};
}

// Skips VLAN tags (802.1Q, 802.1ad, the old 0x9100) from the ethertype at `at` on.
IpPart behind_ethertype(const uint8_t* packet, uint32_t caplen, uint32_t at) {
  while (at + 2 <= caplen) {
    const uint32_t type = be16(packet + at);
    at += 2;
    if (type == 0x0800 || type == 0x86dd) return from(packet, caplen, at);
    if (type != 0x8100 && type != 0x88a8 && type != 0x9100) return {};
    at += 2;
  }
  return {};
}

IpPart ip_of(const uint8_t* packet, uint32_t caplen, uint32_t linktype) {
  switch (linktype) {
    case kEthernet:
      return behind_ethertype(packet, caplen, 12);
    case kLinuxSll:
      return behind_ethertype(packet, caplen, 14);
    case kLinuxSll2:
      return caplen >= 20 && (be16(packet) == 0x0800 || be16(packet) == 0x86dd) ? from(packet, caplen, 20) : IpPart{};
    case kNull:
    case kLoop:
      return from(packet, caplen, 4);
    case kRaw:
    case kRawBsd:
    case kRawOpenBsd:
    case kIpv4:
    case kIpv6:
      return from(packet, caplen, 0);
    default:
      return {};
  }
}

// The ports by which src/analyzer/decode/tunnel.ts tells tunnels: VXLAN, Geneve, Teredo.
bool is_tunnel_port(uint32_t port) { return port == 4789 || port == 6081 || port == 3544; }

// `is_error`: of an ICMP type, in the IP version that it is of.
bool is_plain(const IpPart& part, uint32_t protocol, uint32_t at, bool (*is_error)(uint32_t), uint32_t icmp) {
  const uint8_t* ip = part.ip;
  if (protocol == 17) {
    return part.bytes >= at + 4 && !is_tunnel_port(be16(ip + at)) && !is_tunnel_port(be16(ip + at + 2));
  }
  if (protocol == 6 || protocol == 132 || protocol == 50) return part.bytes >= at + 4;
  return protocol == icmp && part.bytes > at && !is_error(ip[at]);
}

// RFC 792: unreachable, source quench, redirect, time exceeded, parameter problem.
bool is_icmp_error(uint32_t type) { return type == 3 || type == 4 || type == 5 || type == 11 || type == 12; }

// RFC 4443: those below 128.
bool is_icmpv6_error(uint32_t type) { return type < 128; }

}  // namespace

uint32_t flow_hash(const uint8_t* packet, uint32_t caplen, uint32_t linktype) {
  const IpPart part = ip_of(packet, caplen, linktype);
  return hash_ip(part.ip, part.bytes);
}

bool tells_its_flow(const uint8_t* packet, uint32_t caplen, uint32_t linktype) {
  const IpPart part = ip_of(packet, caplen, linktype);
  if (part.bytes >= 20 && part.ip[0] >> 4 == 4) {
    const uint32_t header = (part.ip[0] & 15u) * 4;
    const bool is_fragment = (be16(part.ip + 6) & 0x3fffu) != 0;
    return header >= 20 && !is_fragment && is_plain(part, part.ip[9], header, is_icmp_error, 1);
  }
  if (part.bytes >= 40 && part.ip[0] >> 4 == 6) return is_plain(part, part.ip[6], 40, is_icmpv6_error, 58);
  return false;
}

}  // namespace pkttap
