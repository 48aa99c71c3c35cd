// The replay thread, as an object: new Replay(options), start(ring, onEnd, onLinktype) makes it run, stop(), setFilter(),
// pause(), resume(), step(packets), paused().
#include "../core/replay.h"
#include "../core/savefile/decoder.h"

#include <napi.h>

#include <cstring>
#include <memory>
#include <utility>

#include "convert.h"
#include "core.h"
#include "thread_object.h"

namespace pkttap {

namespace {

uint64_t ns_of_ms(const Napi::Value& value) {
  return static_cast<uint64_t>(value.As<Napi::Number>().DoubleValue() * 1e6);
}

ReplayOptions options_of(const Napi::Object& object) {
  ReplayOptions options;
  const auto paths = object.Get("paths").As<Napi::Array>();
  for (uint32_t i = 0; i < paths.Length(); ++i) options.paths.push_back(string_of(paths.Get(i)));
  options.loops = static_cast<uint64_t>(object.Get("loops").As<Napi::Number>().Int64Value());
  options.limit = static_cast<uint64_t>(object.Get("limit").As<Napi::Number>().Int64Value());
  options.pace.kind = static_cast<Pace::Kind>(u32_of(object.Get("paceKind")));
  options.pace.value = object.Get("paceValue").As<Napi::Number>().DoubleValue();
  options.pace.longest_gap_ns = ns_of_ms(object.Get("longestGapMs"));
  options.pace.duration_ns = ns_of_ms(object.Get("durationMs"));
  options.loop_delay_ns = ns_of_ms(object.Get("loopDelayMs"));
  options.timestamps = static_cast<Timestamps>(u32_of(object.Get("timestamps")));
  options.filtered = object.Get("filtered").As<Napi::Boolean>();
  options.merge = object.Get("merge").As<Napi::Boolean>();
  options.follow = object.Get("follow").As<Napi::Boolean>();
  return options;
}

Napi::Object end_to_js(Napi::Env env, const ReplayEnd& end) {
  auto result = Napi::Object::New(env);
  result.Set("outcome", static_cast<uint32_t>(end.result.outcome));
  result.Set("path", end.path);
  result.Set("byteOffset", number_of(env, end.result.byte_offset));
  result.Set("detail", end.result.detail);
  result.Set("errno", end.result.error);
  result.Set("packets", number_of(env, end.packets));
  result.Set("loops", number_of(env, end.loops));
  auto without = Napi::Array::New(env, end.without_packets.size());
  for (uint32_t i = 0; i < without.Length(); ++i) without.Set(i, end.without_packets[i]);
  result.Set("withoutPackets", without);
  return result;
}

class ReplayObject final : public ThreadObject<ReplayObject, Replay> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Replay",
                       {InstanceMethod<&ReplayObject::start>("start"), InstanceMethod<&ReplayObject::stop>("stop"),
                        InstanceMethod<&ReplayObject::set_filter>("setFilter"),
                        InstanceMethod<&ReplayObject::pause>("pause"), InstanceMethod<&ReplayObject::resume>("resume"),
                        InstanceMethod<&ReplayObject::step>("step"), InstanceMethod<&ReplayObject::paused>("paused")});
  }

  explicit ReplayObject(const Napi::CallbackInfo& info) : ThreadObject(info) {
    own(std::make_unique<Replay>(options_of(info[0].As<Napi::Object>())));
  }

 private:
  void start(const Napi::CallbackInfo& info) {
    RingWriter& writer = writer_of(info[0]);
    on_linktype_ = Napi::Persistent(info[2].As<Napi::Function>());
    launch(info[0], info[1], [&](Replay& replay) {
      return replay.start(writer, {[this](uint32_t linktype) { ask_filter(linktype); },
                                   [this](ReplayEnd end) { tell_end(std::move(end), end_to_js); }});
    });
  }

  void stop(const Napi::CallbackInfo&) {
    if (worker() != nullptr) worker()->stop();
  }

  void set_filter(const Napi::CallbackInfo& info) {
    const auto bytes = info[1].As<Napi::Uint8Array>();
    std::vector<BpfInstruction> program(bytes.ByteLength() / sizeof(BpfInstruction));
    std::memcpy(program.data(), bytes.Data(), program.size() * sizeof(BpfInstruction));
    if (!BpfProgram::valid(program)) throw Napi::TypeError::New(info.Env(), "not a valid filter program");
    if (worker() != nullptr) worker()->set_filter(u32_of(info[0]), std::move(program));
  }

  void pause(const Napi::CallbackInfo&) {
    if (worker() != nullptr) worker()->gate().pause();
  }

  void resume(const Napi::CallbackInfo&) {
    if (worker() != nullptr) worker()->gate().resume();
  }

  void step(const Napi::CallbackInfo& info) {
    if (worker() != nullptr) worker()->gate().step(static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value()));
  }

  Napi::Value paused(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), worker() != nullptr && worker()->gate().paused());
  }

  // From the replay's thread.
  void ask_filter(uint32_t linktype) {
    notify([this, linktype](Napi::Env env, Napi::Function) {
      on_linktype_.Call({Napi::Number::New(env, linktype)});
    });
  }

  Napi::FunctionReference on_linktype_;
};

// missingDecoder("zstd" or "lz4") -> which library is lacking, or undefined
Napi::Value missing_decoder(const Napi::CallbackInfo& info) {
  const Compression wanted = string_of(info[0]) == "zstd" ? Compression::kZstd : Compression::kLz4;
  std::string missing;
  if (make_decoder(wanted, missing) != nullptr) return info.Env().Undefined();
  return Napi::String::New(info.Env(), missing);
}

}  // namespace

void init_replay(Napi::Env env, Napi::Object exports) {
  exports.Set("Replay", ReplayObject::define(env));
  exports.Set("missingDecoder", Napi::Function::New(env, missing_decoder));
}

}  // namespace pkttap
