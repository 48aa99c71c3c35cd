#include "mutate.h"

#include <algorithm>
#include <cstring>

namespace pkttap::fuzz {

namespace {

constexpr uint32_t kInteresting[] = {0,         1,         3,          4,          8,          11,         12,        13,
                                     16,        20,        28,         32,         0x7f,       0xff,       0xffff,    262144,
                                     262145,    0x80000,   0x1000000,  0x1000004,  0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff,
                                     0x0a0d0d0a, 0x1a2b3c4d, 0xa1b2c3d4, 6,        2,          5};

uint32_t word_at(const Bytes& bytes, size_t at, bool swap) {
  uint32_t word = 0;
  std::memcpy(&word, bytes.data() + at, sizeof word);
  return swap ? __builtin_bswap32(word) : word;
}

// Where records or blocks begin, as far as their lengths make sense.
std::vector<size_t> records_of(const Bytes& bytes) {
  std::vector<size_t> records{0};
  if (bytes.size() < 28) return records;
  const bool is_pcapng = word_at(bytes, 0, false) == 0x0a0d0d0a;
  const bool swap = is_pcapng ? bytes[8] == 0x1a : (bytes[0] == 0xa1);
  for (size_t at = is_pcapng ? 0 : 24; at + 16 <= bytes.size() && records.size() < 10000;) {
    if (at != 0) records.push_back(at);
    const uint64_t length = is_pcapng ? word_at(bytes, at + 4, swap) : uint64_t{word_at(bytes, at + 8, swap)} + 16;
    if (length < 12 || length > bytes.size() - at) break;
    at += length;
  }
  return records;
}

}  // namespace

Bytes Mutator::mutate(const Bytes& original) {
  Bytes bytes = original;
  const std::vector<size_t> records = records_of(original);
  for (size_t times = 1 + below(4); times > 0 && !bytes.empty(); --times) {
    switch (below(8)) {
      case 0:
      case 1:
        spoil_byte(bytes);
        break;
      case 2:
      case 3:
      case 4:
        spoil_word(bytes, records);
        break;
      case 5:
        cut_out(bytes, records);
        break;
      case 6:
        if (bytes.size() <= original.size()) repeat(bytes, records);
        break;
      default:
        truncate(bytes);
    }
  }
  return bytes;
}

void Mutator::spoil_byte(Bytes& bytes) { bytes[below(bytes.size())] ^= static_cast<uint8_t>(1 + below(255)); }

// One of the first words of a record or block: types, lengths, times, interfaces; or one close to its end.
void Mutator::spoil_word(Bytes& bytes, const std::vector<size_t>& records) {
  const size_t record = records[below(records.size())];
  const size_t at = below(4) == 0 ? std::max<size_t>(record, 4) - 4 : record + 4 * below(10);
  if (at + 4 > bytes.size()) return;
  uint32_t word = kInteresting[below(std::size(kInteresting))];
  if (below(3) == 0) word = static_cast<uint32_t>(random_());
  if (below(2) == 0) word = __builtin_bswap32(word);
  std::memcpy(bytes.data() + at, &word, sizeof word);
}

void Mutator::cut_out(Bytes& bytes, const std::vector<size_t>& records) {
  const size_t from = std::min(records[below(records.size())] + below(3), bytes.size());
  const size_t to = std::min(from + 1 + below(200), bytes.size());
  bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to));
}

void Mutator::repeat(Bytes& bytes, const std::vector<size_t>& records) {
  const size_t first = below(records.size());
  const size_t from = std::min(records[first], bytes.size());
  const size_t to = std::min(first + 1 < records.size() ? records[first + 1] : bytes.size(), bytes.size());
  if (from >= to) return;
  const Bytes piece(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to));
  const size_t where = std::min(records[below(records.size())], bytes.size());
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(where), piece.begin(), piece.end());
}

void Mutator::truncate(Bytes& bytes) { bytes.resize(below(bytes.size())); }

}  // namespace pkttap::fuzz
