// A consumer's view is mapped read-only, so writing to it raises SIGSEGV. This names the mistake on standard error before
// the process ends as it would have. Faults anywhere else go to whoever handled them before.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pkttap {

// Registers a read-only range; the handler is installed with the first. Any thread.
void watch_read_only(const uint8_t* base, size_t bytes);
void unwatch_read_only(const uint8_t* base);

}  // namespace pkttap
