// A ring written from JavaScript: interfaces one by one, packets many at a time.
#include <napi.h>

#include "../core/record_batch.h"
#include "../core/restamper.h"
#include "convert.h"
#include "core.h"
#include "ring_handle.h"

namespace pkttap {

namespace {

std::string optional_string(const Napi::Object& object, const char* key) {
  const Napi::Value value = object.Get(key);
  return value.IsString() ? string_of(value) : std::string();
}

// ringAddInterface(handle, { linktype, snaplen, section, timestampSource, fcslen?, name?, description?, filter?, os? }) -> index
Napi::Value add_interface(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto given = info[1].As<Napi::Object>();
  Interface interface;
  interface.linktype = u32_of(given.Get("linktype"));
  interface.snaplen = u32_of(given.Get("snaplen"));
  interface.section = u32_of(given.Get("section"));
  interface.timestamp_source = u32_of(given.Get("timestampSource"));
  if (given.Get("fcslen").IsNumber()) interface.fcslen = int_of(given.Get("fcslen"));
  interface.name = optional_string(given, "name");
  interface.description = optional_string(given, "description");
  interface.filter = optional_string(given, "filter");
  interface.os = optional_string(given, "os");
  const int64_t index = writer_of(info[0]).add_interface(interface);
  if (index < 0) throw error_from(env, Status::invalid("the ring's interface table is full"));
  return Napi::Number::New(env, static_cast<double>(index));
}

// ringAppend(handle, records) -> bytes taken
Napi::Value append(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto records = info[1].As<Napi::Uint8Array>();
  size_t taken = 0;
  throw_if_failed(env, append_records(writer_of(info[0]), records.Data(), records.ByteLength(), taken));
  return Napi::Number::New(env, static_cast<double>(taken));
}

// realtimeNs() -> bigint
Napi::Value realtime(const Napi::CallbackInfo& info) { return Napi::BigInt::New(info.Env(), realtime_ns()); }

}  // namespace

void init_ring_append(Napi::Env env, Napi::Object exports) {
  exports.Set("realtimeNs", Napi::Function::New(env, realtime));
  exports.Set("ringAddInterface", Napi::Function::New(env, add_interface));
  exports.Set("ringAppend", Napi::Function::New(env, append));
}

}  // namespace pkttap
