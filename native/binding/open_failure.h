// A device that can't be opened, as src/native/pcap.ts declares it: NativeOpenFailure.
#pragma once

#include <napi.h>

#include "../pcap/open_failure.h"

namespace pkttap {

inline Napi::Error error_from(Napi::Env env, const OpenFailure& failure) {
  auto error = Napi::Error::New(env, failure.device + ": " + failure.detail);
  error.Set("failure", Napi::Number::New(env, failure.kind));
  error.Set("pcapStatus", Napi::Number::New(env, failure.pcap_status));
  error.Set("device", failure.device);
  error.Set("detail", failure.detail);
  return error;
}

}  // namespace pkttap
