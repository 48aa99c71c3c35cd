// Mapped memory as an ArrayBuffer that may be unmapped while JavaScript still holds it.
#pragma once

#include <napi.h>

#include "../core/shared_memory.h"

namespace pkttap {

// Whether a write is told as the mistake it is before it ends the process.
enum class Writes { kAllowed, kFault };

// { buffer, unmap() }: unmap detaches the buffer first, so that whatever still refers to it is empty and never dangles.
// Without unmap, the memory goes when the buffer is collected. V8 allows one ArrayBuffer per address, so this is the only
// one there will be.
Napi::Value mapped_buffer(Napi::Env env, Mapping mapping, Writes writes);

}  // namespace pkttap
