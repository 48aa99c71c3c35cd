// Reading savefiles: what the formats have in common. A reader pulls records from an Input and hands each to a Handler;
// it allocates nothing from a length in the file and stops at the first damage, with everything before it delivered.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "../ring_writer.h"
#include "input.h"
#include "result.h"

namespace pkttap {

class Handler {
 public:
  virtual ~Handler() = default;
  // A new interface of the file; the index for Packet::interface, or negative to stop reading (kTooManyInterfaces).
  virtual int64_t on_interface(const Interface& interface) = 0;
  // One packet; its bytes are valid during the call. False stops reading (kRefused).
  virtual bool on_packet(const Packet& packet) = 0;
};

// Reads one savefile, record by record, so that several can be read side by side.
class Reader {
 public:
  explicit Reader(Input& input) : input_(input) {}
  virtual ~Reader() = default;
  // One record or block: hands over what is in it. False: there is no more, and result() says why. A packet's bytes stay
  // valid until the next call.
  virtual bool next(Handler& handler) = 0;
  // next() until it says false.
  virtual void read_all(Handler& handler) = 0;
  const Result& result() const { return result_; }

 protected:
  bool end(Result result);
  Input& input_;

 private:
  Result result_;
};

// A reader for the format that the input's first bytes show. Null: `result` says what is wrong with them. The input
// outlives the reader.
std::unique_ptr<Reader> open_savefile(Input& input, Result& result);

// The formats. Each starts at the file's first byte.
std::unique_ptr<Reader> make_pcap_reader(Input& input);
std::unique_ptr<Reader> make_pcapng_reader(Input& input);

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
