// A tap's rings as JavaScript holds them: a tagged External, which both modules know. The core module makes it; the pcap
// module appends to it. Both are compiled from the same headers, and the tag below changes with the layout of Lanes and
// RingWriter.
#pragma once

#include <napi.h>

#include "../core/lanes.h"

namespace pkttap {

using RingHandle = Napi::External<Lanes>;

constexpr napi_type_tag kRingTag{0x706b747461702d72, 0x696e672d77000003};

// The lanes behind a handle; throws TypeError for anything else.
inline Lanes& lanes_of(const Napi::Value& value) {
  if (value.IsExternal()) {
    const auto handle = value.As<RingHandle>();
    if (handle.CheckTypeTag(&kRingTag) && !handle.Data()->released()) return *handle.Data();
  }
  throw Napi::TypeError::New(value.Env(), "not a ring handle, or one that was released");
}

// For sources of one thread, which fill the first lane alone.
inline RingWriter& writer_of(const Napi::Value& value) { return lanes_of(value)[0]; }

}  // namespace pkttap
