// The injector thread, as an object: new Injector(device) opens it, start(ring, onEnd) makes it run, finish(), stop(),
// close(), counters().
#include "../pcap/injector.h"

#include <napi.h>

#include <utility>

#include "convert.h"
#include "open_failure.h"
#include "pcap.h"
#include "thread_object.h"

namespace pkttap {

namespace {

Napi::Object end_to_js(Napi::Env env, const InjectEnd& end) {
  auto result = Napi::Object::New(env);
  result.Set("outcome", static_cast<uint32_t>(end.outcome));
  result.Set("linktype", end.linktype);
  result.Set("lastError", end.last_error);
  return result;
}

class InjectorObject final : public ThreadObject<InjectorObject, Injector> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Injector",
        {InstanceMethod<&InjectorObject::start>("start"), InstanceMethod<&InjectorObject::finish>("finish"),
         InstanceMethod<&InjectorObject::stop>("stop"), InstanceMethod<&InjectorObject::close>("close"),
         InstanceMethod<&InjectorObject::counters>("counters"), InstanceMethod<&InjectorObject::linktype>("linktype")});
  }

  explicit InjectorObject(const Napi::CallbackInfo& info) : ThreadObject(info) {
    OpenFailure failure;
    own(Injector::open(string_of(info[0]), failure));
    if (worker() == nullptr) throw error_from(info.Env(), failure);
  }

 private:
  void start(const Napi::CallbackInfo& info) {
    RingWriter& writer = writer_of(info[0]);
    launch(info[0], info[1], [&](Injector& injector) {
      return injector.start(writer, [this](InjectEnd end) { tell_end(std::move(end), end_to_js); });
    });
  }

  void finish(const Napi::CallbackInfo&) {
    if (worker() != nullptr) worker()->finish();
  }

  void stop(const Napi::CallbackInfo&) {
    if (worker() != nullptr) worker()->stop();
  }

  void close(const Napi::CallbackInfo&) { give_back(); }

  Napi::Value counters(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    const InjectCounters counters = worker() == nullptr ? InjectCounters{} : worker()->counters();
    auto result = Napi::Object::New(env);
    result.Set("injected", number_of(env, counters.injected));
    result.Set("truncated", number_of(env, counters.truncated));
    result.Set("tooLong", number_of(env, counters.too_long));
    result.Set("failed", number_of(env, counters.failed));
    result.Set("missed", number_of(env, counters.missed));
    return result;
  }

  Napi::Value linktype(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), worker() == nullptr ? 0 : worker()->linktype());
  }
};

}  // namespace

void init_injector(Napi::Env env, Napi::Object exports) { exports.Set("Injector", InjectorObject::define(env)); }

}  // namespace pkttap
