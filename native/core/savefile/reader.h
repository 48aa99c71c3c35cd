// Reading savefiles: what the formats have in common. A reader pulls records from an Input and hands each to a Handler;
// it allocates nothing from a length in the file and stops at the first damage, with everything before it delivered.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "../ring_writer.h"
#include "input.h"

namespace pkttap {

enum class Outcome : uint32_t {
  kFinished,   // the file came to its end
  kStopped,    // told to stop
  kNotSavefile,
  kEmpty,      // not one byte
  kCut,        // ends in the middle of something
  kDamaged,    // contradicts its format
  kReadError,  // read(2) failed
  kTooManyInterfaces,
  kRefused,    // the handler gave up; it knows why
};

struct Result {
  Outcome outcome = Outcome::kFinished;
  uint64_t byte_offset = 0;  // of the record or block in which the trouble is
  std::string detail;        // what was expected and what was found
  int error = 0;             // errno, for kReadError

  bool finished() const { return outcome == Outcome::kFinished; }
};

class Handler {
 public:
  virtual ~Handler() = default;
  // A new interface of the file; the index for Packet::interface, or negative to stop reading (kTooManyInterfaces).
  virtual int64_t on_interface(const Interface& interface) = 0;
  // One packet; its bytes are valid during the call. False stops reading (kRefused).
  virtual bool on_packet(const Packet& packet) = 0;
};

// Reads the whole input, whichever format it is in.
Result read_savefile(Input& input, Handler& handler);

// The formats. Each starts at the file's first byte.
Result read_pcap(Input& input, Handler& handler);
Result read_pcapng(Input& input, Handler& handler);

// Helpers for both.
inline uint16_t swap_if(uint16_t value, bool swap) { return swap ? __builtin_bswap16(value) : value; }
inline uint32_t swap_if(uint32_t value, bool swap) { return swap ? __builtin_bswap32(value) : value; }
inline uint64_t swap_if(uint64_t value, bool swap) { return swap ? __builtin_bswap64(value) : value; }

template <typename T>
inline T read_field(const uint8_t* at, bool swap) {
  T value;
  __builtin_memcpy(&value, at, sizeof value);
  return swap_if(value, swap);
}

Result cut(const Input& input, uint64_t offset, const char* what, uint64_t expected, uint64_t found);
Result damaged(uint64_t offset, std::string detail);

}  // namespace pkttap
