// Sockets, descriptors and readiness: what Node's own net module can't do with SOCK_SEQPACKET and SCM_RIGHTS.
#include <fcntl.h>
#include <napi.h>
#include <sys/file.h>
#include <unistd.h>
#include <uv.h>

#include <memory>
#include <utility>

#include "../core/seqpacket.h"
#include "convert.h"
#include "core.h"
#include "linger.h"

namespace pkttap {

namespace {

Napi::Value listen_path(const Napi::CallbackInfo& info) {
  UniqueFd fd;
  throw_if_failed(info.Env(), listen_at(string_of(info[0]), u32_of(info[1]), fd));
  return Napi::Number::New(info.Env(), fd.release());
}

Napi::Value connect_path(const Napi::CallbackInfo& info) {
  UniqueFd fd;
  throw_if_failed(info.Env(), connect_to(string_of(info[0]), fd));
  return Napi::Number::New(info.Env(), fd.release());
}

// accept(listener) -> fd, or undefined when nobody waits
Napi::Value accept_one(const Napi::CallbackInfo& info) {
  UniqueFd fd;
  const Status status = accept_from(int_of(info[0]), fd);
  if (status.error == EAGAIN || status.error == ECONNABORTED) return info.Env().Undefined();
  throw_if_failed(info.Env(), status);
  return Napi::Number::New(info.Env(), fd.release());
}

// send(fd, bytes, fds) -> errno, 0 for success: a full or dead peer is an everyday result
Napi::Value send_one(const Napi::CallbackInfo& info) {
  const auto bytes = info[1].As<Napi::Uint8Array>();
  const auto list = info[2].As<Napi::Array>();
  std::vector<int> fds;
  for (uint32_t i = 0; i < list.Length(); ++i) fds.push_back(int_of(list.Get(i)));
  const Status status = send_message(int_of(info[0]), bytes.Data(), bytes.ByteLength(), fds);
  return Napi::Number::New(info.Env(), status.error);
}

// receive(fd, buffer, maxFds) -> { bytes, fds }, or undefined when there is nothing
Napi::Value receive_one(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto buffer = info[1].As<Napi::Uint8Array>();
  Message message;
  const Status status = receive_message(int_of(info[0]), buffer.Data(), buffer.ByteLength(), u32_of(info[2]), message);
  if (status.error == EAGAIN) return env.Undefined();
  throw_if_failed(env, status);
  auto fds = Napi::Array::New(env, message.fds.size());
  for (uint32_t i = 0; i < message.fds.size(); ++i) fds.Set(i, message.fds[i].release());
  auto result = Napi::Object::New(env);
  result.Set("bytes", Napi::Number::New(env, static_cast<double>(message.bytes)));
  result.Set("fds", fds);
  return result;
}

Napi::Value peer_of(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  PeerCredentials peer;
  throw_if_failed(env, peer_credentials(int_of(info[0]), peer));
  auto groups = Napi::Array::New(env, peer.groups.size());
  for (uint32_t i = 0; i < peer.groups.size(); ++i) groups.Set(i, Napi::Number::New(env, peer.groups[i]));
  auto result = Napi::Object::New(env);
  result.Set("pid", peer.pid);
  result.Set("uid", peer.uid);
  result.Set("gid", peer.gid);
  result.Set("groups", groups);
  return result;
}

void close_fd(const Napi::CallbackInfo& info) { ::close(int_of(info[0])); }

// lockFile(path) -> fd that holds an exclusive flock(2) until it is closed. Waits: holders are quick.
Napi::Value lock_file(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  UniqueFd fd(open(string_of(info[0]).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) throw error_from(env, Status::from_errno("open"));
  int result;
  do {
    result = flock(fd.get(), LOCK_EX);
  } while (result != 0 && errno == EINTR);
  if (result != 0) throw error_from(env, Status::from_errno("flock"));
  return Napi::Number::New(env, fd.release());
}

// new Poll(fd, callback): calls back on the event loop while the descriptor is readable, or what watch() says instead.
// close() before closing the fd. A worker thread that is terminated closes neither: then both are closed here, for nobody
// is left who would.
class Poll final : public Napi::ObjectWrap<Poll> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Poll",
                       {InstanceMethod<&Poll::close>("close"), InstanceMethod<&Poll::watch_for>("watch"),
                        InstanceMethod<&Poll::keep_alive>("keepAlive"), InstanceMethod<&Poll::linger>("linger")});
  }

  explicit Poll(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<Poll>(info),
        callback_(Napi::Persistent(info[1].As<Napi::Function>())),
        context_(info.Env(), "pkttap poll") {
    uv_loop_t* loop = nullptr;
    napi_get_uv_event_loop(info.Env(), &loop);
    handle_ = new uv_poll_t;
    handle_->data = this;
    fd_ = int_of(info[0]);
    if (const int error = uv_poll_init(loop, handle_, fd_); error != 0) {
      delete handle_;
      handle_ = nullptr;
      throw error_from(info.Env(), Status{-error, "uv_poll_init", {}});
    }
    watch();
    napi_add_env_cleanup_hook(info.Env(), shut_with_fd, this);
    Ref();  // stays until closed: the loop points to it
  }

  ~Poll() override { shut(); }

 private:
  void watch() {
    if (events_ == 0) {
      uv_poll_stop(handle_);
    } else {
      uv_poll_start(handle_, events_, on_ready);
    }
  }

  // watch(readable, writable)
  void watch_for(const Napi::CallbackInfo& info) {
    if (handle_ == nullptr) return;
    events_ = (info[0].As<Napi::Boolean>() ? UV_READABLE | UV_DISCONNECT : 0) | (info[1].As<Napi::Boolean>() ? UV_WRITABLE : 0);
    watch();
  }

  // keepAlive(boolean): whether watching keeps the event loop alive; it does at first.
  void keep_alive(const Napi::CallbackInfo& info) {
    if (handle_ == nullptr) return;
    auto* handle = reinterpret_cast<uv_handle_t*>(handle_);
    info[0].As<Napi::Boolean>() ? uv_ref(handle) : uv_unref(handle);
  }

  // linger(microseconds): somebody waits for this descriptor, perhaps not for long. See linger.h.
  void linger(const Napi::CallbackInfo& info) {
    if (handle_ == nullptr) return;
    if (!linger_) linger_ = std::make_unique<Linger>(handle_->loop, fd_);
    const int events = ((events_ & UV_READABLE) != 0 ? POLLIN : 0) | ((events_ & UV_WRITABLE) != 0 ? POLLOUT : 0);
    linger_->arm(static_cast<short>(events), uint64_t{u32_of(info[0])} * 1000);
  }

  static void on_ready(uv_poll_t* handle, int status, int) {
    auto* self = static_cast<Poll*>(handle->data);
    // libuv stops watching a socket with an error (ECONNRESET of a peer that closed); there may be more to read.
    if (status < 0) self->watch();
    Napi::HandleScope scope(self->Env());
    try {
      self->callback_.MakeCallback(self->Env().Global(), {}, self->context_);
    } catch (const Napi::Error& error) {
      // The callback threw: as for any event handler, that is the process's uncaught exception.
      napi_fatal_exception(self->Env(), error.Value());
    }
  }

  // OWNER: libuv frees the handle after it has closed.
  void shut() {
    if (handle_ == nullptr) return;
    uv_poll_t* handle = std::exchange(handle_, nullptr);
    linger_.reset();
    uv_poll_stop(handle);
    uv_close(reinterpret_cast<uv_handle_t*>(handle), [](uv_handle_t* closed) { delete reinterpret_cast<uv_poll_t*>(closed); });
  }

  void close(const Napi::CallbackInfo& info) {
    if (handle_ == nullptr) return;
    napi_remove_env_cleanup_hook(info.Env(), shut_with_fd, this);
    shut();
    // The callback holds its owner, which holds us: kept until we are collected, all three would be for ever.
    callback_.Reset();
    Unref();
  }

  static void shut_with_fd(void* data) {
    auto* self = static_cast<Poll*>(data);
    if (self->handle_ == nullptr) return;
    self->shut();
    ::close(self->fd_);
  }

  Napi::FunctionReference callback_;
  Napi::AsyncContext context_;
  uv_poll_t* handle_ = nullptr;
  int fd_ = -1;
  int events_ = UV_READABLE | UV_DISCONNECT;
  std::unique_ptr<Linger> linger_;
};

}  // namespace

void init_socket(Napi::Env env, Napi::Object exports) {
  exports.Set("listen", Napi::Function::New(env, listen_path));
  exports.Set("connect", Napi::Function::New(env, connect_path));
  exports.Set("accept", Napi::Function::New(env, accept_one));
  exports.Set("send", Napi::Function::New(env, send_one));
  exports.Set("receive", Napi::Function::New(env, receive_one));
  exports.Set("peerCredentials", Napi::Function::New(env, peer_of));
  exports.Set("closeFd", Napi::Function::New(env, close_fd));
  exports.Set("lockFile", Napi::Function::New(env, lock_file));
  exports.Set("Poll", Poll::define(env));
}

}  // namespace pkttap
