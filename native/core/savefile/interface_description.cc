// Interface Description Block, section 4.2 of the pcapng specification.
#include "pcapng.h"

namespace pkttap::pcapng {

namespace {

constexpr size_t kFixed = 8;  // linktype, reserved, snaplen

enum Option : uint16_t { kName = 2, kDescription = 3, kTsresol = 9, kFilter = 11, kOs = 12, kTsoffset = 14 };

void read_option(const Options& option, bool swap, Interface& interface, Resolution& resolution) {
  switch (option.code()) {
    case kName:
      interface.name = option.text();
      break;
    case kDescription:
      interface.description = option.text();
      break;
    case kFilter:
      // The first byte says in which language; 0 is libpcap's.
      if (option.length() > 1 && option.value()[0] == 0) interface.filter = option.text().substr(1);
      break;
    case kOs:
      interface.os = option.text();
      break;
    case kTsresol:
      if (option.length() < 1) break;
      resolution.binary = (option.value()[0] & 0x80) != 0;
      resolution.exponent = option.value()[0] & 0x7f;
      break;
    case kTsoffset:
      if (option.length() >= 8) resolution.offset_s = static_cast<int64_t>(read_field<uint64_t>(option.value(), swap));
      break;
    default:
      break;
  }
}

}  // namespace

Result parse_interface_description(const Block& block, Section& section, Handler& handler) {
  if (block.bytes < kFixed) return damaged(block.offset, "interface description of only " + std::to_string(block.bytes) + " bytes");
  Interface interface;
  Resolution resolution;
  interface.linktype = read_field<uint16_t>(block.body, section.swap);
  interface.snaplen = read_field<uint32_t>(block.body + 4, section.swap);
  interface.section = section.number;
  Options option(block.body + kFixed, block.body + block.available, section.swap);
  while (option.next()) read_option(option, section.swap, interface, resolution);
  if (option.overrun() && block.available == block.bytes)
    return damaged(block.offset, "option of " + std::to_string(option.length()) + " bytes does not fit into its block");
  const int64_t index = handler.on_interface(interface);
  if (index < 0) return {Outcome::kTooManyInterfaces, block.offset, {}, 0};
  section.interfaces.push_back({static_cast<uint32_t>(index), interface.linktype, interface.snaplen, resolution});
  return {};
}

}  // namespace pkttap::pcapng
