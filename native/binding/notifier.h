// A thread-safe function that may outlive its use in either order: released when its owner goes, or, if the environment is
// torn down first, just before Node tears the function down itself. Releasing it after that would touch freed memory.
#pragma once

#include <napi.h>

#include <functional>
#include <utility>

namespace pkttap {

class Notifier {
 public:
  // Does not keep the event loop alive; ref() does.
  Notifier(Napi::Env env, const Napi::Function& callback, const char* name)
      : env_(env), function_(Napi::ThreadSafeFunction::New(env, callback, name, 0, 1)) {
    function_.Unref(env);
    // Hooks run last-added first, so this one runs before Node's own for the function.
    napi_add_env_cleanup_hook(env, close_at_teardown, this);
  }
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // On the event loop's thread.
  ~Notifier() {
    if (closed_) return;
    napi_remove_env_cleanup_hook(env_, close_at_teardown, this);
    close();
  }

  // On the event loop's thread.
  void ref() { function_.Ref(env_); }
  void unref() {
    if (!closed_) function_.Unref(env_);
  }

  // From any thread that the owner joins before it destroys the notifier. `call` runs on the event loop.
  void notify(std::function<void(Napi::Env, Napi::Function)> call) {
    auto* heap = new std::function<void(Napi::Env, Napi::Function)>(std::move(call));
    const auto run = [](Napi::Env env, Napi::Function callback, std::function<void(Napi::Env, Napi::Function)>* owned) {
      (*owned)(env, callback);
      delete owned;
    };
    if (function_.NonBlockingCall(heap, run) != napi_ok) delete heap;
  }

 private:
  static void close_at_teardown(void* self) { static_cast<Notifier*>(self)->close(); }

  void close() {
    closed_ = true;
    function_.Release();
  }

  Napi::Env env_;
  Napi::ThreadSafeFunction function_;
  bool closed_ = false;
};

}  // namespace pkttap
