#include "reader.h"

#include <cstring>

namespace pkttap {

namespace {

struct Signature {
  const char* name;
  const char* bytes;
  size_t length;
};

// What people hand to a packet tool by mistake, or in a form that it must say it can't read.
constexpr Signature kForeign[] = {
    {"gzip-compressed data (unpack it: zcat FILE | pkttap replay -)", "\x1f\x8b", 2},
    {"zstd-compressed data (unpack it: zstdcat FILE | pkttap replay -)", "\x28\xb5\x2f\xfd", 4},
    {"lz4-compressed data (unpack it: lz4cat FILE | pkttap replay -)", "\x04\x22\x4d\x18", 4},
    {"xz-compressed data (unpack it: xzcat FILE | pkttap replay -)", "\xfd\x37zXZ", 5},
    {"bzip2-compressed data (unpack it: bzcat FILE | pkttap replay -)", "BZh", 3},
    {"a snoop capture (convert it: editcap FILE out.pcapng)", "snoop\0\0\0", 8},
    {"a Network Monitor capture (convert it: editcap FILE out.pcapng)", "GMBU", 4},
    {"a Sniffer capture (convert it: editcap FILE out.pcapng)", "TRSNIFF data", 12},
    {"an ELF program", "\x7f" "ELF", 4},
    {"a zip archive", "PK\x03\x04", 4},
};

std::string looks_like(const uint8_t* bytes, size_t length) {
  for (const Signature& signature : kForeign)
    if (length >= signature.length && std::memcmp(bytes, signature.bytes, signature.length) == 0)
      return std::string("looks like ") + signature.name;
  char text[48];
  std::snprintf(text, sizeof text, "begins with %02x %02x %02x %02x", bytes[0], bytes[1], bytes[2], bytes[3]);
  return text;
}

constexpr uint32_t kSectionHeader = 0x0a0d0d0a;

bool is_pcap_magic(uint32_t magic) {
  return magic == 0xa1b2c3d4 || magic == 0xa1b23c4d || magic == 0xa1b2cd34;
}

}  // namespace

Result read_savefile(Input& input, Handler& handler) {
  const size_t found = input.want(32);
  if (input.error() != 0) return {Outcome::kReadError, 0, {}, input.error()};
  if (found == 0) return {input.stopped() ? Outcome::kStopped : Outcome::kEmpty, 0, {}, 0};
  if (found < 4) return {Outcome::kNotSavefile, 0, "only " + std::to_string(found) + " bytes long", 0};
  const auto magic = read_field<uint32_t>(input.data(), false);
  if (magic == kSectionHeader) return read_pcapng(input, handler);
  if (is_pcap_magic(magic) || is_pcap_magic(__builtin_bswap32(magic))) return read_pcap(input, handler);
  return {Outcome::kNotSavefile, 0, looks_like(input.data(), found), 0};
}

// The input ended before `expected` bytes: because it was stopped, couldn't be read, or really is cut.
Result cut(const Input& input, uint64_t offset, const char* what, uint64_t expected, uint64_t found) {
  if (input.stopped()) return {Outcome::kStopped, offset, {}, 0};
  if (input.error() != 0) return {Outcome::kReadError, offset, {}, input.error()};
  return {Outcome::kCut, offset,
          std::string(what) + " needs " + std::to_string(expected) + " bytes, only " + std::to_string(found) + " are left",
          0};
}

Result damaged(uint64_t offset, std::string detail) { return {Outcome::kDamaged, offset, std::move(detail), 0}; }

}  // namespace pkttap
