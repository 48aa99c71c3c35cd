// The three blocks that carry packets: Enhanced (section 4.3 of the pcapng specification), Simple (4.4) and the
// obsolete Packet Block (appendix A).
#include <algorithm>

#include "pcapng.h"

namespace pkttap::pcapng {

namespace {

constexpr size_t kEnhancedFixed = 20;
constexpr size_t kSimpleFixed = 4;
constexpr uint16_t kFlagsOption = 2;  // epb_flags and pack_flags

uint64_t ticks_at(const uint8_t* at, bool swap) {
  return uint64_t{read_field<uint32_t>(at, swap)} << 32 | read_field<uint32_t>(at + 4, swap);
}

// The low two bits of the flags word: 1 inbound, 2 outbound.
uint32_t direction(const Block& block, size_t options_at, bool swap) {
  if (options_at + 4 > block.available) return 0;
  Options option(block.body + options_at, block.body + block.available, swap);
  while (option.next()) {
    if (option.code() != kFlagsOption || option.length() < 4) continue;
    const auto bits = read_field<uint32_t>(option.value(), swap) & 3u;
    return bits == 1 ? PKTTAP_FLAG_INBOUND : bits == 2 ? PKTTAP_FLAG_OUTBOUND : 0;
  }
  return 0;
}

Result too_small(const Block& block) {
  return damaged(block.offset, "packet block of only " + std::to_string(block.bytes) + " bytes");
}

size_t padded(uint32_t caplen) { return (size_t{caplen} + 3) & ~size_t{3}; }

// What the enhanced and the obsolete block have in common: all behind the interface.
Result deliver_timed(const Block& block, const Section& section, Handler& handler, uint32_t interface) {
  PacketFields fields;
  fields.interface = interface;
  fields.ticks = ticks_at(block.body + 4, section.swap);
  fields.caplen = read_field<uint32_t>(block.body + 12, section.swap);
  fields.origlen = read_field<uint32_t>(block.body + 16, section.swap);
  fields.data_at = kEnhancedFixed;
  fields.flags = direction(block, kEnhancedFixed + padded(fields.caplen), section.swap);
  return deliver(block, section, handler, fields);
}

}  // namespace

Result parse_enhanced_packet(const Block& block, const Section& section, Handler& handler) {
  if (block.bytes < kEnhancedFixed) return too_small(block);
  return deliver_timed(block, section, handler, read_field<uint32_t>(block.body, section.swap));
}

// No timestamp, no caplen: the packet fills the block, cut to the first interface's snaplen.
Result parse_simple_packet(const Block& block, const Section& section, Handler& handler) {
  if (block.bytes < kSimpleFixed) return too_small(block);
  PacketFields fields;
  fields.origlen = read_field<uint32_t>(block.body, section.swap);
  fields.data_at = kSimpleFixed;
  fields.caplen = fields.origlen;
  if (!section.interfaces.empty() && section.interfaces[0].snaplen != 0)
    fields.caplen = std::min(fields.caplen, section.interfaces[0].snaplen);
  return deliver(block, section, handler, fields);
}

// As the enhanced one, but for half of the interface's word, which counts drops.
Result parse_obsolete_packet(const Block& block, const Section& section, Handler& handler) {
  if (block.bytes < kEnhancedFixed) return too_small(block);
  return deliver_timed(block, section, handler, read_field<uint16_t>(block.body, section.swap));
}

}  // namespace pkttap::pcapng
