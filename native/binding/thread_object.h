// The life that a capture, an injector and a replay share: objects with a worker inside, whose threads fill or read a ring.
// Such an object isn't collected while its threads run, tells their end once, on the event loop, and joins them when the
// environment is torn down, while all that they use is still there.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <utility>

#include "convert.h"
#include "notifier.h"
#include "ring_handle.h"

namespace pkttap {

// `Worker` hands its end over once, last, from one of its threads, joins them when it is destroyed, and has a join() for after
// the end.
template <typename Self, typename Worker>
class ThreadObject : public Napi::ObjectWrap<Self> {
 public:
  explicit ThreadObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Self>(info) {}

  ~ThreadObject() override {
    if (!started()) return;
    napi_remove_env_cleanup_hook(this->Env(), join_at_teardown, this);
    worker_.reset();
  }

 protected:
  // Null: given back, or the environment is about to go.
  Worker* worker() const { return worker_.get(); }
  void own(std::unique_ptr<Worker> worker) { worker_ = std::move(worker); }

  bool started() const { return notifier_ != nullptr; }

  // Gives a worker that was never started back now, not when the object is collected. One that runs has to end first.
  void give_back() {
    if (!started()) worker_.reset();
  }

  // Once. `begin` starts the threads, and gives the status; one that isn't ok is thrown, and the worker given back.
  template <typename Begin>
  void launch(const Napi::Value& ring, const Napi::Value& on_end, Begin begin) {
    if (worker_ == nullptr || started()) throw Napi::TypeError::New(this->Env(), "started before, or closed");
    ring_ = Napi::Persistent(ring.As<RingHandle>());
    notifier_ = std::make_unique<Notifier>(this->Env(), on_end.As<Napi::Function>(), "pkttap end");
    // Added after the notifier's hook, so run before it: the threads are gone before their way to call us is.
    napi_add_env_cleanup_hook(this->Env(), join_at_teardown, this);
    const Status begun = begin(*worker_);
    if (!begun) worker_.reset();
    throw_if_failed(this->Env(), begun);
    // What the threads tell is heard on this one, so nothing of it can have come before this.
    this->Ref();
    notifier_->ref();
  }

  // From any of the threads, as is the next. `call` runs on the event loop.
  void notify(std::function<void(Napi::Env, Napi::Function)> call) { notifier_->notify(std::move(call)); }

  template <typename End>
  void tell_end(End end, Napi::Object (*to_js)(Napi::Env, const End&)) {
    notify([this, end = std::move(end), to_js](Napi::Env env, Napi::Function on_end) {
      // Now, for sources may come and go faster than objects are collected.
      worker_->join();
      notifier_->unref();
      this->Unref();
      on_end.Call({to_js(env, end)});
    });
  }

 private:
  static void join_at_teardown(void* self) { static_cast<ThreadObject*>(self)->worker_.reset(); }

  Napi::Reference<RingHandle> ring_;    // OWNER: keeps the writers alive for the threads
  std::unique_ptr<Notifier> notifier_;  // from launch() on; tells everything, in its order
  std::unique_ptr<Worker> worker_;
};

}  // namespace pkttap
