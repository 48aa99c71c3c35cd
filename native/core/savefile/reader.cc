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

// A place in compressed data is one that no other program will find unless it is told to unpack the file first.
bool Reader::end(Result result) {
  const bool has_place = result.outcome == Outcome::kCut || result.outcome == Outcome::kDamaged;
  result_ = std::move(result);
  if (has_place && input_.compressed() && input_.trouble().finished()) result_.detail += " (in the unpacked data)";
  return false;
}

std::unique_ptr<Reader> open_savefile(Input& input, Result& result) {
  constexpr size_t kMagic = 4;
  constexpr size_t kLongestSignature = 32;
  // No more than it takes: a pipe may have nothing behind its file header for a long time.
  const size_t found = input.want(kMagic);
  if (found < kMagic && !input.at_end()) {
    result = cut(input, 0, "the file header", kMagic, found);
  } else if (found == 0) {
    result = {Outcome::kEmpty, 0, {}, 0};
  } else if (found < kMagic) {
    result = {Outcome::kNotSavefile, 0, "only " + std::to_string(found) + " bytes long", 0};
  } else {
    const auto magic = read_field<uint32_t>(input.data(), false);
    if (magic == kSectionHeader) return make_pcapng_reader(input);
    if (is_pcap_magic(magic) || is_pcap_magic(__builtin_bswap32(magic))) return make_pcap_reader(input);
    const size_t more = input.want(kLongestSignature);
    result = {Outcome::kNotSavefile, 0, looks_like(input.data(), more), 0};
  }
  return nullptr;
}

// The input ended before `expected` bytes: because it was stopped, had trouble, or really is cut.
Result cut(const Input& input, uint64_t offset, const char* what, uint64_t expected, uint64_t found) {
  if (input.stopped()) return {Outcome::kStopped, offset, {}, 0};
  if (!input.trouble().finished()) return input.trouble();
  return {Outcome::kCut, offset,
          std::string(what) + " needs " + std::to_string(expected) + " bytes, only " + std::to_string(found) + " are left",
          0};
}

Result damaged(uint64_t offset, std::string detail) { return {Outcome::kDamaged, offset, std::move(detail), 0}; }

}  // namespace pkttap
