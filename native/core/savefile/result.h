// How reading a savefile came out, for every layer that can end it: the input, a format, a handler.
#pragma once

#include <cstdint>
#include <string>

namespace pkttap {

enum class Outcome : uint32_t {
  kFinished,   // the file came to its end
  kStopped,    // told to stop
  kNotSavefile,
  kEmpty,      // not one byte
  kCut,        // ends in the middle of something
  kDamaged,    // contradicts its format, or its compression's
  kReadError,  // open(2) or read(2) failed
  kTooManyInterfaces,
  kRefused,    // the handler gave up; it knows why
  kChanged,    // truncated or replaced while it was followed
};

struct Result {
  Outcome outcome = Outcome::kFinished;
  uint64_t byte_offset = 0;  // of the record or block in which the trouble is
  std::string detail;        // what was expected and what was found
  int error = 0;             // errno, for kReadError

  bool finished() const { return outcome == Outcome::kFinished; }
};

}  // namespace pkttap
