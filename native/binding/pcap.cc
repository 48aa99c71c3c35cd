// The pcap module: its exports are declared, one by one, in src/native/pcap.ts.
#include <napi.h>
#include <pcap/pcap.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "../pcap/device_choices.h"
#include "../pcap/devices.h"
#include "../pcap/filter.h"
#include "convert.h"
#include "open_failure.h"
#include "pcap.h"

namespace pkttap {

namespace {

const char* connection_of(uint32_t flags) {
  switch (flags & PCAP_IF_CONNECTION_STATUS) {
    case PCAP_IF_CONNECTION_STATUS_CONNECTED:
      return "connected";
    case PCAP_IF_CONNECTION_STATUS_DISCONNECTED:
      return "disconnected";
    case PCAP_IF_CONNECTION_STATUS_NOT_APPLICABLE:
      return "not applicable";
    default:
      return "unknown";
  }
}

Napi::Array addresses_to_js(Napi::Env env, const std::vector<DeviceAddress>& addresses) {
  auto result = Napi::Array::New(env, addresses.size());
  for (uint32_t i = 0; i < addresses.size(); ++i) {
    auto address = Napi::Object::New(env);
    address.Set("address", addresses[i].address);
    if (!addresses[i].netmask.empty()) address.Set("netmask", addresses[i].netmask);
    result.Set(i, address);
  }
  return result;
}

Napi::Object device_to_js(Napi::Env env, const DeviceInfo& device) {
  auto result = Napi::Object::New(env);
  result.Set("name", device.name);
  if (!device.description.empty()) result.Set("description", device.description);
  result.Set("up", (device.flags & PCAP_IF_UP) != 0);
  result.Set("running", (device.flags & PCAP_IF_RUNNING) != 0);
  result.Set("loopback", (device.flags & PCAP_IF_LOOPBACK) != 0);
  result.Set("wireless", (device.flags & PCAP_IF_WIRELESS) != 0);
  result.Set("connection", connection_of(device.flags));
  result.Set("addresses", addresses_to_js(env, device.addresses));
  return result;
}

Napi::Value list(const Napi::CallbackInfo& info) {
  std::vector<DeviceInfo> devices;
  throw_if_failed(info.Env(), list_devices(devices));
  auto result = Napi::Array::New(info.Env(), devices.size());
  for (uint32_t i = 0; i < devices.size(); ++i) result.Set(i, device_to_js(info.Env(), devices[i]));
  return result;
}

// probeDevice(name) -> { linktype, timestampTypes }
Napi::Value probe(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  DeviceProbe found;
  OpenFailure failure;
  if (!probe_device(string_of(info[0]), found, failure)) throw error_from(env, failure);
  auto types = Napi::Array::New(env, found.timestamp_types.size());
  for (uint32_t i = 0; i < found.timestamp_types.size(); ++i) types.Set(i, found.timestamp_types[i].name);
  auto result = Napi::Object::New(env);
  result.Set("linktype", found.linktype);
  result.Set("timestampTypes", types);
  return result;
}

Napi::Array choices_to_js(Napi::Env env, const std::vector<Choice>& choices) {
  auto result = Napi::Array::New(env, choices.size());
  for (uint32_t i = 0; i < choices.size(); ++i) {
    auto choice = Napi::Object::New(env);
    choice.Set("name", choices[i].name);
    choice.Set("description", choices[i].description);
    result.Set(i, choice);
  }
  return result;
}

Napi::Value timestamp_types(const Napi::CallbackInfo& info) {
  std::vector<Choice> choices;
  OpenFailure failure;
  if (!list_timestamp_types(string_of(info[0]), choices, failure)) throw error_from(info.Env(), failure);
  return choices_to_js(info.Env(), choices);
}

Napi::Value linktypes(const Napi::CallbackInfo& info) {
  std::vector<Choice> choices;
  OpenFailure failure;
  if (!list_linktypes(string_of(info[0]), info[1].As<Napi::Boolean>(), choices, failure))
    throw error_from(info.Env(), failure);
  return choices_to_js(info.Env(), choices);
}

Napi::Uint8Array to_js(Napi::Env env, const std::vector<BpfInstruction>& program) {
  auto result = Napi::Uint8Array::New(env, program.size() * sizeof(BpfInstruction));
  std::memcpy(result.Data(), program.data(), result.ByteLength());
  return result;
}

// compileFilter(expression, linktype, snaplen) -> struct bpf_insn after struct bpf_insn
Napi::Value compile(const Napi::CallbackInfo& info) {
  std::vector<BpfInstruction> program;
  throw_if_failed(info.Env(), compile_filter(string_of(info[0]), {u32_of(info[1]), u32_of(info[2])}, program));
  return to_js(info.Env(), program);
}

// As compile(), on a thread of the pool, for expressions of strangers: they may take long.
class Compilation final : public Napi::AsyncWorker {
 public:
  Compilation(Napi::Env env, std::string expression, const FilterTarget& target)
      : Napi::AsyncWorker(env, "pkttap filter"), deferred_(env), expression_(std::move(expression)), target_(target) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override { status_ = compile_filter(expression_, target_, program_); }

  void OnOK() override {
    if (status_) deferred_.Resolve(to_js(Env(), program_));
    else deferred_.Reject(error_from(Env(), status_).Value());
  }

 private:
  const Napi::Promise::Deferred deferred_;
  const std::string expression_;
  const FilterTarget target_;
  Status status_;
  std::vector<BpfInstruction> program_;
};

// compileFilterAsync(expression, linktype, snaplen) -> promise of the same
Napi::Value compile_async(const Napi::CallbackInfo& info) {
  // OWNER: the worker deletes itself when it is done.
  auto* compilation = new Compilation(info.Env(), string_of(info[0]), {u32_of(info[1]), u32_of(info[2])});
  compilation->Queue();
  return compilation->promise();
}

Napi::Value version(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), pcap_lib_version()); }

}  // namespace

}  // namespace pkttap

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("version", Napi::Function::New(env, pkttap::version));
  exports.Set("listDevices", Napi::Function::New(env, pkttap::list));
  exports.Set("probeDevice", Napi::Function::New(env, pkttap::probe));
  exports.Set("listTimestampTypes", Napi::Function::New(env, pkttap::timestamp_types));
  exports.Set("listLinktypes", Napi::Function::New(env, pkttap::linktypes));
  exports.Set("compileFilter", Napi::Function::New(env, pkttap::compile));
  exports.Set("compileFilterAsync", Napi::Function::New(env, pkttap::compile_async));
  pkttap::init_capture(env, exports);
  pkttap::init_injector(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(pcap, init)
