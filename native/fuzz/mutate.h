// Spoilt savefiles, always the same for the same seed: single bytes, lengths and counts that lie at the places where
// records and blocks begin, pieces cut out, doubled and moved.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace pkttap::fuzz {

using Bytes = std::vector<uint8_t>;

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  // A spoilt copy, at most twice as long.
  Bytes mutate(const Bytes& original);

 private:
  size_t below(size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  void spoil_byte(Bytes& bytes);
  void spoil_word(Bytes& bytes, const std::vector<size_t>& records);
  void cut_out(Bytes& bytes, const std::vector<size_t>& records);
  void repeat(Bytes& bytes, const std::vector<size_t>& records);
  void truncate(Bytes& bytes);

  std::mt19937_64 random_;
};

}  // namespace pkttap::fuzz
