// The process itself: what it may do, and who started it.
#include <napi.h>

#include "../core/privilege.h"
#include "../core/seccomp.h"
#include "../core/service_manager.h"
#include "convert.h"
#include "core.h"

namespace pkttap {

namespace {

// relinquish({ name, uid, gid } or undefined, kept): the event loop's thread waits until all threads have done it.
void relinquish_privileges(const Napi::CallbackInfo& info) {
  std::optional<User> user;
  if (info[0].IsObject()) {
    const auto given = info[0].As<Napi::Object>();
    user = User{string_of(given.Get("name")), u32_of(given.Get("uid")), u32_of(given.Get("gid"))};
  }
  throw_if_failed(info.Env(), relinquish(user, u64_of(info[1])));
}

// asUser(uid, gid, work): what `work` returns
Napi::Value as_user(const Napi::CallbackInfo& info) {
  const FileIdentity identity(u32_of(info[0]), u32_of(info[1]));
  return info[2].As<Napi::Function>().Call({});
}

void harden_process(const Napi::CallbackInfo& info) { throw_if_failed(info.Env(), harden()); }

void restrict_calls(const Napi::CallbackInfo& info) {
  const Sockets sockets = info[0].As<Napi::Boolean>() ? Sockets::kAny : Sockets::kUnixOnly;
  throw_if_failed(info.Env(), restrict_system_calls(sockets));
}

void notify(const Napi::CallbackInfo& info) {
  throw_if_failed(info.Env(), notify_service_manager(string_of(info[0]), string_of(info[1])));
}

Napi::Value adopt(const Napi::CallbackInfo& info) {
  std::string path;
  throw_if_failed(info.Env(), adopt_listener(int_of(info[0]), path));
  return Napi::String::New(info.Env(), path);
}

}  // namespace

void init_process(Napi::Env env, Napi::Object exports) {
  exports.Set("relinquish", Napi::Function::New(env, relinquish_privileges));
  exports.Set("asUser", Napi::Function::New(env, as_user));
  exports.Set("harden", Napi::Function::New(env, harden_process));
  exports.Set("restrictSystemCalls", Napi::Function::New(env, restrict_calls));
  exports.Set("notifyServiceManager", Napi::Function::New(env, notify));
  exports.Set("adoptListener", Napi::Function::New(env, adopt));
}

}  // namespace pkttap
