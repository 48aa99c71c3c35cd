// Classic pcap: both byte orders, microseconds and nanoseconds, and Alexey Kuznetsov's modified records.
// Source: draft-ietf-opsawg-pcap, and pcap-savefile(5).
#include <utility>

#include "reader.h"

namespace pkttap {

namespace {

constexpr uint32_t kMicroseconds = 0xa1b2c3d4;
constexpr uint32_t kNanoseconds = 0xa1b23c4d;
constexpr uint32_t kModified = 0xa1b2cd34;
constexpr size_t kVersionAt = 4;
constexpr size_t kFileHeader = 24;
constexpr size_t kRecordHeader = 16;
constexpr size_t kModifiedRecordHeader = 24;

struct Format {
  bool swap = false;
  uint32_t ns_per_fraction = 1000;
  // Nobody has written version 1 since records got their present form.
  bool archaic = false;
  size_t record_header = kRecordHeader;
  // Version 2.2 and older wrote origlen before caplen; 2.3 did either.
  bool lengths_swapped = false;
  bool lengths_maybe_swapped = false;
};

Format format_of(const uint8_t* header) {
  Format format;
  auto magic = read_field<uint32_t>(header, false);
  format.swap = magic != kMicroseconds && magic != kNanoseconds && magic != kModified;
  magic = swap_if(magic, format.swap);
  if (magic == kNanoseconds) format.ns_per_fraction = 1;
  if (magic == kModified) format.record_header = kModifiedRecordHeader;
  const auto major = read_field<uint16_t>(header + kVersionAt, format.swap);
  const auto minor = read_field<uint16_t>(header + kVersionAt + 2, format.swap);
  format.archaic = major < 2;
  format.lengths_swapped = (major == 2 && minor < 3) || major == 543;
  format.lengths_maybe_swapped = major == 2 && minor == 3;
  return format;
}

// The link type has the low 26 bits of its field; the rest says how many bytes of FCS each packet ends with.
Interface interface_of(const uint8_t* header, bool swap) {
  Interface interface;
  interface.snaplen = read_field<uint32_t>(header + 16, swap);
  interface.linktype = read_field<uint32_t>(header + 20, swap) & 0x03ffffffu;
  return interface;
}

Packet packet_of(const uint8_t* header, const Format& format) {
  Packet packet;
  const uint64_t seconds = read_field<uint32_t>(header, format.swap);
  const uint64_t fraction = read_field<uint32_t>(header + 4, format.swap);
  packet.ts_ns = seconds * 1'000'000'000u + fraction * format.ns_per_fraction;
  packet.caplen = read_field<uint32_t>(header + 8, format.swap);
  packet.origlen = read_field<uint32_t>(header + 12, format.swap);
  if (format.lengths_swapped || (format.lengths_maybe_swapped && packet.caplen > packet.origlen))
    std::swap(packet.caplen, packet.origlen);
  const bool fraction_overflows = fraction * format.ns_per_fraction >= 1'000'000'000u;
  if (packet.caplen > packet.origlen || fraction_overflows) packet.flags = PKTTAP_FLAG_ODD;
  return packet;
}

}  // namespace

Result read_pcap(Input& input, Handler& handler) {
  const size_t have = input.want(kFileHeader);
  if (have < kFileHeader) return cut(input, 0, "the file header", kFileHeader, have);
  const Format format = format_of(input.data());
  if (format.archaic) return damaged(kVersionAt, "version 1 of the format, which nothing reads");
  const Interface interface = interface_of(input.data(), format.swap);
  if (interface.linktype > UINT16_MAX) return damaged(20, "linktype=" + std::to_string(interface.linktype));
  const int64_t index = handler.on_interface(interface);
  if (index < 0) return {Outcome::kTooManyInterfaces, 0, {}, 0};
  input.consume(kFileHeader);

  for (;;) {
    const uint64_t offset = input.offset();
    const size_t header = input.want(format.record_header);
    if (header == 0 && !input.stopped() && input.error() == 0) return {};
    if (header < format.record_header) return cut(input, offset, "a record header", format.record_header, header);
    Packet packet = packet_of(input.data(), format);
    // Never trust a length from the file: beyond libpcap's own maximum it is damage.
    if (packet.caplen > PKTTAP_MAX_CAPLEN)
      return damaged(offset, "caplen=" + std::to_string(packet.caplen) + " exceeds " + std::to_string(PKTTAP_MAX_CAPLEN));
    const size_t bytes = format.record_header + packet.caplen;
    const size_t found = input.want(bytes);
    if (found < bytes) return cut(input, offset, "a record", bytes, found);
    packet.data = input.data() + format.record_header;
    packet.interface = static_cast<uint32_t>(index);
    packet.linktype = interface.linktype;
    if (!handler.on_packet(packet)) return {Outcome::kRefused, offset, {}, 0};
    input.consume(bytes);
  }
}

}  // namespace pkttap
