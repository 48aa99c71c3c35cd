// The ring as JavaScript holds it: a tagged External, which both modules know. The core module makes it; the pcap module
// appends to it. Both are compiled from the same ring_writer.h, and the tag below changes with the layout of RingWriter.
#pragma once

#include <napi.h>

#include "../core/ring_writer.h"

namespace pkttap {

using RingHandle = Napi::External<RingWriter>;

constexpr napi_type_tag kRingTag{0x706b747461702d72, 0x696e672d77000001};

// The writer behind a handle; throws TypeError for anything else.
inline RingWriter& writer_of(const Napi::Value& value) {
  if (value.IsExternal()) {
    const auto handle = value.As<RingHandle>();
    if (handle.CheckTypeTag(&kRingTag) && !handle.Data()->released()) return *handle.Data();
  }
  throw Napi::TypeError::New(value.Env(), "not a ring handle, or one that was released");
}

}  // namespace pkttap
