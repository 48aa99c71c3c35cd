// Conversions that every binding file uses. A failed Status becomes a plain Error with errno, syscall and detail as
// properties; src/native turns that into a typed error with the context that only it knows.
#pragma once

#include <napi.h>

#include <string>

#include "../core/status.h"

namespace pkttap {

inline Napi::Error error_from(Napi::Env env, const Status& status) {
  auto error = Napi::Error::New(env, status.detail.empty() ? status.syscall : status.detail);
  error.Set("errno", Napi::Number::New(env, status.error));
  error.Set("syscall", status.syscall);
  error.Set("detail", status.detail);
  return error;
}

inline void throw_if_failed(Napi::Env env, const Status& status) {
  if (!status) throw error_from(env, status);
}

inline uint64_t u64_of(const Napi::Value& value) {
  bool lossless = false;
  return value.As<Napi::BigInt>().Uint64Value(&lossless);
}

inline std::string string_of(const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); }
inline uint32_t u32_of(const Napi::Value& value) { return value.As<Napi::Number>().Uint32Value(); }
inline int int_of(const Napi::Value& value) { return value.As<Napi::Number>().Int32Value(); }

// A 64-bit counter as a number: exact up to 2^53, which is 50 years at 5 million a second.
inline Napi::Number number_of(Napi::Env env, uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

}  // namespace pkttap
