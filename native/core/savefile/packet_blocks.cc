// The three blocks that carry packets: Enhanced (section 4.3 of the pcapng specification), Simple (4.4) and the
// obsolete Packet Block (appendix A).
#include <algorithm>
#include <cstring>

#include "pcapng.h"

namespace pkttap::pcapng {

namespace {

constexpr size_t kEnhancedFixed = 20;
constexpr size_t kSimpleFixed = 4;
constexpr uint16_t kCommentOption = 1;
constexpr uint16_t kFlagsOption = 2;  // epb_flags and pack_flags

uint64_t ticks_at(const uint8_t* at, bool swap) {
  return uint64_t{read_field<uint32_t>(at, swap)} << 32 | read_field<uint32_t>(at + 4, swap);
}

// The low two bits of the flags word: 1 inbound, 2 outbound.
uint32_t direction(const Options& option, bool swap) {
  if (option.length() < 4) return 0;
  const auto bits = read_field<uint32_t>(option.value(), swap) & 3u;
  return bits == 1 ? PKTTAP_FLAG_INBOUND : bits == 2 ? PKTTAP_FLAG_OUTBOUND : 0;
}

// Adds a comment to the options, in the ring's byte order. False: there is no room for it.
bool add_comment(const Options& option, std::vector<uint8_t>& options) {
  const size_t at = options.size();
  const size_t padded = (option.length() + 3u) & ~3u;
  if (at + 4 + padded > PKTTAP_MAX_OPTIONS) return false;
  options.resize(at + 4 + padded);
  const uint16_t head[] = {kCommentOption, option.length()};
  std::memcpy(&options[at], head, sizeof head);
  std::memcpy(options.data() + at + sizeof head, option.value(), option.length());
  return true;
}

// Of a packet's options, what the ring keeps: its direction and its comments, in order.
void read_options(const Block& block, size_t options_at, Section& section, PacketFields& fields) {
  if (options_at + 4 > block.available) return;
  Options option(block.body + options_at, block.body + block.available, section.swap);
  bool has_room = true;
  while (option.next()) {
    if (option.code() == kFlagsOption && fields.flags == 0) fields.flags = direction(option, section.swap);
    if (option.code() != kCommentOption || !has_room) continue;
    if (!fields.has_options) section.options.clear();
    fields.has_options = true;
    has_room = add_comment(option, section.options);
  }
  // The end of a block beyond the input's buffer is not looked at.
  const bool unseen = block.available < block.bytes;
  if (!has_room || unseen) fields.flags |= PKTTAP_FLAG_OPTIONS_CUT;
}

Result too_small(const Block& block) {
  return damaged(block.offset, "packet block of only " + std::to_string(block.bytes) + " bytes");
}

size_t padded(uint32_t caplen) { return (size_t{caplen} + 3) & ~size_t{3}; }

// What the enhanced and the obsolete block have in common: all behind the interface.
Result deliver_timed(const Block& block, Section& section, Handler& handler, uint32_t interface) {
  PacketFields fields;
  fields.interface = interface;
  fields.ticks = ticks_at(block.body + 4, section.swap);
  fields.caplen = read_field<uint32_t>(block.body + 12, section.swap);
  fields.origlen = read_field<uint32_t>(block.body + 16, section.swap);
  fields.data_at = kEnhancedFixed;
  read_options(block, kEnhancedFixed + padded(fields.caplen), section, fields);
  return deliver(block, section, handler, fields);
}

}  // namespace

Result parse_enhanced_packet(const Block& block, Section& section, Handler& handler) {
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
Result parse_obsolete_packet(const Block& block, Section& section, Handler& handler) {
  if (block.bytes < kEnhancedFixed) return too_small(block);
  return deliver_timed(block, section, handler, read_field<uint16_t>(block.body, section.swap));
}

}  // namespace pkttap::pcapng
