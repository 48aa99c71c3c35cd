// The injector thread, as an object: new Injector(device) opens it, start(ring, onEnd) makes it run, finish(), stop(),
// close(), counters().
#include "../pcap/injector.h"

#include <napi.h>

#include <memory>
#include <utility>

#include "convert.h"
#include "notifier.h"
#include "open_failure.h"
#include "pcap.h"
#include "ring_handle.h"

namespace pkttap {

namespace {

Napi::Object end_to_js(Napi::Env env, const InjectEnd& end) {
  auto result = Napi::Object::New(env);
  result.Set("outcome", static_cast<uint32_t>(end.outcome));
  result.Set("linktype", end.linktype);
  result.Set("lastError", end.last_error);
  return result;
}

class InjectorObject final : public Napi::ObjectWrap<InjectorObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Injector",
        {InstanceMethod<&InjectorObject::start>("start"), InstanceMethod<&InjectorObject::finish>("finish"),
         InstanceMethod<&InjectorObject::stop>("stop"), InstanceMethod<&InjectorObject::close>("close"),
         InstanceMethod<&InjectorObject::counters>("counters"), InstanceMethod<&InjectorObject::linktype>("linktype")});
  }

  explicit InjectorObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<InjectorObject>(info) {
    OpenFailure failure;
    injector_ = Injector::open(string_of(info[0]), failure);
    if (injector_ == nullptr) throw error_from(info.Env(), failure);
  }

  ~InjectorObject() override {
    if (on_end_ == nullptr) return;
    napi_remove_env_cleanup_hook(Env(), join, this);
    join(this);
  }

 private:
  static void join(void* self) { static_cast<InjectorObject*>(self)->injector_.reset(); }

  void start(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    RingWriter& writer = writer_of(info[0]);
    if (injector_ == nullptr || on_end_ != nullptr) throw Napi::TypeError::New(env, "started before, or closed");
    ring_ = Napi::Persistent(info[0].As<RingHandle>());
    on_end_ = std::make_unique<Notifier>(env, info[1].As<Napi::Function>(), "pkttap inject end");
    // Added after the notifier's hook, so run before it: the thread is gone before its way to call us is.
    napi_add_env_cleanup_hook(env, join, this);
    throw_if_failed(env, injector_->start(writer, [this](InjectEnd end) { tell_end(std::move(end)); }));
    // The thread runs inside this object: it must not be collected before the end was told, which this thread does.
    Ref();
    on_end_->ref();
  }

  void finish(const Napi::CallbackInfo&) {
    if (injector_ != nullptr) injector_->finish();
  }

  void stop(const Napi::CallbackInfo&) {
    if (injector_ != nullptr) injector_->stop();
  }

  // Gives the device of an injector that was never started back.
  void close(const Napi::CallbackInfo&) {
    if (on_end_ == nullptr) injector_.reset();
  }

  Napi::Value counters(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    const InjectCounters counters = injector_ == nullptr ? InjectCounters{} : injector_->counters();
    auto result = Napi::Object::New(env);
    result.Set("injected", number_of(env, counters.injected));
    result.Set("truncated", number_of(env, counters.truncated));
    result.Set("tooLong", number_of(env, counters.too_long));
    result.Set("failed", number_of(env, counters.failed));
    result.Set("missed", number_of(env, counters.missed));
    return result;
  }

  Napi::Value linktype(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), injector_ == nullptr ? 0 : injector_->linktype());
  }

  // From the injector's thread.
  void tell_end(InjectEnd end) {
    on_end_->notify([this, end = std::move(end)](Napi::Env env, Napi::Function callback) {
      injector_->join();
      on_end_->unref();
      Unref();
      callback.Call({end_to_js(env, end)});
    });
  }

  Napi::Reference<RingHandle> ring_;  // OWNER: keeps the writer alive for the thread
  std::unique_ptr<Notifier> on_end_;                  // from start() on
  std::unique_ptr<Injector> injector_;
};

}  // namespace

void init_injector(Napi::Env env, Napi::Object exports) { exports.Set("Injector", InjectorObject::define(env)); }

}  // namespace pkttap
