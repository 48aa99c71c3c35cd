#include "pcapng.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace pkttap {

namespace pcapng {

namespace {

// 64 bits of ticks times a billion need 94. Both compilers that build this have the type, by this name.
__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;

constexpr uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr size_t kSectionHeaderStart = 12;  // type, total length and byte-order magic
constexpr size_t kSectionHeaderFixed = 16;  // of its body: magic, versions, section length

Result finish_section_header(const Input& input, uint64_t offset, bool first, Section& section) {
  const auto magic = read_field<uint32_t>(input.data() + kBlockHead, false);
  if (magic != kByteOrderMagic && magic != __builtin_bswap32(kByteOrderMagic)) {
    char text[48];
    std::snprintf(text, sizeof text, "byte-order magic is %08x, not 1a2b3c4d", magic);
    return damaged(offset + kBlockHead, text);
  }
  section.swap = magic != kByteOrderMagic;
  section.number = first ? 0 : section.number + 1;
  section.interfaces.clear();
  return {};
}

// 1.2 is what some writers made of 1.0 without changing anything.
Result check_version(const Block& block, const Section& section) {
  if (block.bytes < kSectionHeaderFixed)
    return damaged(block.offset, "section header of only " + std::to_string(block.bytes) + " bytes");
  const auto major = read_field<uint16_t>(block.body + 4, section.swap);
  const auto minor = read_field<uint16_t>(block.body + 6, section.swap);
  if (major == 1 && (minor == 0 || minor == 2)) return {};
  return damaged(block.offset + kSectionHeaderStart,
                 "section of version " + std::to_string(major) + "." + std::to_string(minor) + ", known is 1.0");
}

Result dispatch(const Block& block, Section& section, Handler& handler) {
  switch (block.type) {
    case kSectionHeader:
      return check_version(block, section);
    case kInterfaceDescription:
      return parse_interface_description(block, section, handler);
    case kEnhancedPacket:
      return parse_enhanced_packet(block, section, handler);
    case kSimplePacket:
      return parse_simple_packet(block, section, handler);
    case kPacket:
      return parse_obsolete_packet(block, section, handler);
    default:
      return {};  // statistics, names, secrets, custom and future blocks carry no packets
  }
}

}  // namespace

uint64_t Resolution::to_ns(uint64_t ticks, bool& saturated) const {
  Wide ns = ticks;
  if (binary) {
    ns = ns * 1'000'000'000u >> exponent;
  } else {
    for (uint32_t e = exponent; e < 9; ++e) ns *= 10;
    for (uint32_t e = exponent; e > 9; --e) ns /= 10;
  }
  const SignedWide shifted = static_cast<SignedWide>(ns) + static_cast<SignedWide>(offset_s) * 1'000'000'000;
  saturated = shifted < 0 || shifted > static_cast<SignedWide>(UINT64_MAX);
  if (!saturated) return static_cast<uint64_t>(shifted);
  return shifted < 0 ? 0 : UINT64_MAX;
}

bool Options::next() {
  if (end_ - at_ < 4) return false;
  code_ = read_field<uint16_t>(at_, swap_);
  length_ = read_field<uint16_t>(at_ + 2, swap_);
  value_ = at_ + 4;
  const size_t padded = (length_ + 3u) & ~3u;
  overrun_ = code_ != 0 && static_cast<size_t>(end_ - value_) < length_;
  if (code_ == 0 || overrun_) return false;
  at_ = value_ + std::min(padded, static_cast<size_t>(end_ - value_));
  return true;
}

Result deliver(const Block& block, const Section& section, Handler& handler, const PacketFields& fields) {
  if (fields.interface >= section.interfaces.size())
    return damaged(block.offset, "packet of interface " + std::to_string(fields.interface) + ", but the section has " +
                                     std::to_string(section.interfaces.size()));
  if (fields.caplen > PKTTAP_MAX_CAPLEN)
    return damaged(block.offset,
                   "caplen=" + std::to_string(fields.caplen) + " exceeds " + std::to_string(PKTTAP_MAX_CAPLEN));
  if (fields.data_at + fields.caplen > block.bytes)
    return damaged(block.offset, "caplen=" + std::to_string(fields.caplen) + " does not fit into its block");
  const SectionInterface& interface = section.interfaces[fields.interface];
  bool saturated = false;
  Packet packet;
  packet.ts_ns = interface.resolution.to_ns(fields.ticks, saturated);
  packet.data = block.body + fields.data_at;
  packet.caplen = fields.caplen;
  packet.origlen = fields.origlen;
  packet.interface = interface.index;
  packet.linktype = interface.linktype;
  packet.flags = fields.flags | (saturated || fields.caplen > fields.origlen ? PKTTAP_FLAG_ODD : 0);
  if (fields.has_options) {
    packet.options = section.options.data();
    packet.options_bytes = static_cast<uint32_t>(section.options.size());
  }
  if (!handler.on_packet(packet)) return {Outcome::kRefused, block.offset, {}, 0};
  return {};
}

}  // namespace pcapng

namespace {

using namespace pcapng;

class PcapngReader final : public Reader {
 public:
  explicit PcapngReader(Input& input) : Reader(input) {}

  bool next(Handler& handler) override {
    if (unread_ != 0 && !skip_unread()) return false;
    const uint64_t offset = input_.offset();
    const size_t head = input_.want(kSectionHeaderStart);
    if (head == 0 && input_.at_end()) return false;
    if (head < kSectionHeaderStart) return end(cut(input_, offset, "a block header", kSectionHeaderStart, head));
    // The section header's type reads the same in both byte orders; what follows is in the order it declares.
    if (read_field<uint32_t>(input_.data(), false) == kSectionHeader)
      if (Result result = finish_section_header(input_, offset, offset == 0, section_); !result.finished())
        return end(std::move(result));
    const auto type = read_field<uint32_t>(input_.data(), section_.swap);
    const auto length = read_field<uint32_t>(input_.data() + 4, section_.swap);
    if (length < kSmallestBlock || length > kLargestBlock || length % 4 != 0)
      return end(damaged(offset, "block length " + std::to_string(length) + " is impossible"));
    if (Result result = read_block(type, length, handler); !result.finished()) return end(std::move(result));
    return true;
  }

  void read_all(Handler& handler) override {
    while (next(handler)) {
    }
  }

 private:
  // Reads as much of the block as a parser may look at, lets it look, and steps over that.
  Result read_block(uint32_t type, uint32_t length, Handler& handler) {
    const uint64_t offset = input_.offset();
    const size_t wanted = std::min<size_t>(length, Input::kLargestWant);
    const size_t in_memory = input_.want(wanted);
    if (in_memory < wanted) return cut(input_, offset, "a block", length, in_memory);
    const size_t body = length - kBlockHead - kBlockTail;
    const Block block{type, offset, input_.data() + kBlockHead, body, std::min(body, in_memory - kBlockHead)};
    const bool whole = in_memory == length;
    // A block that is all here is checked before it is believed; a longer one holds no packet in its far end.
    if (whole && read_field<uint32_t>(input_.data() + length - kBlockTail, section_.swap) != length)
      return damaged(offset, "block length " + std::to_string(length) + " differs from its trailing copy");
    if (Result result = dispatch(block, section_, handler); !result.finished()) return result;
    input_.consume(in_memory);
    unread_ = length - in_memory;
    block_bytes_ = length;
    return {};
  }

  // The rest of a block longer than the buffer. Not before the next call: the packet in it must stay where it is.
  bool skip_unread() {
    const uint64_t begin = input_.offset() + unread_ - block_bytes_;
    if (!input_.skip(std::exchange(unread_, 0)))
      return end(cut(input_, begin, "a block", block_bytes_, input_.offset() - begin));
    return true;
  }

  Section section_;
  uint32_t unread_ = 0;
  uint32_t block_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Reader> make_pcapng_reader(Input& input) { return std::make_unique<PcapngReader>(input); }

}  // namespace pkttap
