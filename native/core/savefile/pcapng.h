// pcapng, block by block. Source: draft-ietf-opsawg-pcapng. Each block has a parser of its own in this folder; the loop
// in pcapng.cc knows only how blocks are framed.
#pragma once

#include <cstdint>
#include <vector>

#include "reader.h"

namespace pkttap::pcapng {

// Block types (section 10.1 of the specification).
constexpr uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr uint32_t kInterfaceDescription = 1;
constexpr uint32_t kPacket = 2;  // obsolete
constexpr uint32_t kSimplePacket = 3;
constexpr uint32_t kEnhancedPacket = 6;

// Type and total length before the body, total length again after it.
constexpr size_t kBlockHead = 8;
constexpr size_t kBlockTail = 4;
constexpr uint32_t kSmallestBlock = 12;
// Wireshark's and libpcap's own bound. Only the part of a block that a parser reads is ever in memory.
constexpr uint32_t kLargestBlock = 16u << 20;

// How an interface's timestamps become nanoseconds.
struct Resolution {
  bool binary = false;     // ticks of 2^-exponent s instead of 10^-exponent s
  uint32_t exponent = 6;
  int64_t offset_s = 0;    // if_tsoffset

  // Saturates at the ends of what 64 bits of nanoseconds since 1970 can say; `saturated` tells.
  uint64_t to_ns(uint64_t ticks, bool& saturated) const;
};

// An interface of the current section.
struct SectionInterface {
  uint32_t index = 0;  // in the ring's table
  uint32_t linktype = 0;
  uint32_t snaplen = 0;
  Resolution resolution;
};

struct Section {
  bool swap = false;
  uint32_t number = 0;
  std::vector<SectionInterface> interfaces;
  std::vector<uint8_t> options;  // of the packet that was read last, as the ring has them
};

// One block whose body is in memory as far as it fits: `available` of `bytes`.
struct Block {
  uint32_t type = 0;
  uint64_t offset = 0;  // of the block in the file
  const uint8_t* body = nullptr;
  size_t bytes = 0;      // of the whole body
  size_t available = 0;  // of those, in memory
};

// Walks options (code, length, value padded to 4). Stops at opt_endofopt, at the end, or at an option that runs over it.
class Options {
 public:
  Options(const uint8_t* begin, const uint8_t* end, bool swap) : at_(begin), end_(end), swap_(swap) {}
  bool next();
  // Whether it stopped at an option that runs over the end.
  bool overrun() const { return overrun_; }
  uint16_t code() const { return code_; }
  uint16_t length() const { return length_; }
  const uint8_t* value() const { return value_; }
  std::string text() const { return {reinterpret_cast<const char*>(value_), length_}; }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
  bool swap_;
  uint16_t code_ = 0, length_ = 0;
  const uint8_t* value_ = nullptr;
  bool overrun_ = false;
};

// The parsers. Each returns a finished Result to go on, or what is wrong.
Result parse_interface_description(const Block& block, Section& section, Handler& handler);
Result parse_enhanced_packet(const Block& block, Section& section, Handler& handler);
Result parse_simple_packet(const Block& block, const Section& section, Handler& handler);
Result parse_obsolete_packet(const Block& block, Section& section, Handler& handler);

// Shared by the packet blocks: bounds, interface, and the hand-over.
struct PacketFields {
  uint32_t interface = 0;
  uint64_t ticks = 0;
  uint32_t caplen = 0;
  uint32_t origlen = 0;
  uint32_t flags = 0;
  bool has_options = false;  // those of the section
  size_t data_at = 0;        // bytes from the body's start to the packet's first byte
};
Result deliver(const Block& block, const Section& section, Handler& handler, const PacketFields& fields);

}  // namespace pkttap::pcapng
