// Channels: messages with a header in front, without an object made for each, and the memory that goes with them.
#include <fcntl.h>
#include <napi.h>
#include <poll.h>

#include <cstring>
#include <utility>

#include "../core/message_memory.h"
#include "../core/seqpacket.h"
#include "convert.h"
#include "core.h"
#include "mapped_buffer.h"

namespace pkttap {

namespace {

// What receiving says beside a number of bytes.
constexpr int kNothing = -1;
constexpr int kEnded = -2;

// Up to so many bytes of sealed memory are read instead of mapped: to map, unmap and tell V8 of it takes as long as 16 pages.
constexpr uint64_t kShortBytes = 64 << 10;

Napi::Value pair(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  UniqueFd one, other;
  throw_if_failed(env, make_pair(one, other));
  auto result = Napi::Array::New(env, 2);
  result.Set(0u, Napi::Number::New(env, one.release()));
  result.Set(1u, Napi::Number::New(env, other.release()));
  return result;
}

Napi::Value is_channel_socket(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), is_seqpacket(int_of(info[0])));
}

Napi::Value duplicate(const Napi::CallbackInfo& info) {
  const int fd = fcntl(int_of(info[0]), F_DUPFD_CLOEXEC, 0);
  if (fd < 0) throw error_from(info.Env(), Status::from_errno("fcntl"));
  return Napi::Number::New(info.Env(), fd);
}

// waitFor(fd, writable, timeoutMs) -> whether it is ready
Napi::Value wait_for(const Napi::CallbackInfo& info) {
  bool ready = false;
  const short events = info[1].As<Napi::Boolean>() ? POLLOUT : POLLIN;
  throw_if_failed(info.Env(), wait_until_ready(int_of(info[0]), events, int_of(info[2]), ready));
  return Napi::Boolean::New(info.Env(), ready);
}

// channelSend(fd, header: [u32, u32], body, fds) -> errno, 0 for success
Napi::Value channel_send(const Napi::CallbackInfo& info) {
  auto header = info[1].As<Napi::Uint32Array>();
  auto body = info[2].As<Napi::Uint8Array>();
  std::vector<int> fds;
  if (info[3].IsArray()) {
    const auto list = info[3].As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); ++i) fds.push_back(int_of(list.Get(i)));
  }
  const iovec parts[2] = {{header.Data(), header.ByteLength()}, {body.Data(), body.ByteLength()}};
  const Status status = send_parts(int_of(info[0]), parts, fds);
  return Napi::Number::New(info.Env(), status.error);
}

// channelReceive(fd, buffer, fds: Int32Array) -> bytes, or kNothing or kEnded. fds[0] is how many came, the rest are they.
Napi::Value channel_receive(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const int fd = int_of(info[0]);
  auto buffer = info[1].As<Napi::Uint8Array>();
  auto fds = info[2].As<Napi::Int32Array>();
  Message message;
  const Status status = receive_message(fd, buffer.Data(), buffer.ByteLength(), fds.ElementLength() - 1, message);
  if (status.error == EAGAIN) return Napi::Number::New(env, kNothing);
  throw_if_failed(env, status);
  if (message.bytes == 0) {
    if (has_ended(fd)) return Napi::Number::New(env, kEnded);
    throw error_from(env, Status::invalid("an empty message"));
  }
  int32_t* out = fds.Data();
  out[0] = static_cast<int32_t>(message.fds.size());
  for (size_t i = 0; i < message.fds.size(); ++i) out[i + 1] = message.fds[i].release();
  return Napi::Number::New(env, static_cast<double>(message.bytes));
}

Napi::Value seal_bytes(const Napi::CallbackInfo& info) {
  const auto bytes = info[0].As<Napi::Uint8Array>();
  UniqueFd fd;
  throw_if_failed(info.Env(), create_sealed(bytes.Data(), bytes.ByteLength(), fd));
  return Napi::Number::New(info.Env(), fd.release());
}

uint64_t bytes_of(const Napi::Value& value) { return static_cast<uint64_t>(value.As<Napi::Number>().Int64Value()); }

// readSealed(fd, maxBytes) -> ArrayBuffer, or undefined for more than is worth a copy
Napi::Value read_sealed_fd(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const int fd = int_of(info[0]);
  uint64_t bytes = 0;
  throw_if_failed(env, check_sealed(fd, bytes_of(info[1]), bytes));
  if (bytes > kShortBytes) return env.Undefined();
  auto buffer = Napi::ArrayBuffer::New(env, bytes);
  throw_if_failed(env, read_sealed(fd, static_cast<uint8_t*>(buffer.Data()), bytes));
  return buffer;
}

void detach(const Napi::CallbackInfo& info) { info[0].As<Napi::ArrayBuffer>().Detach(); }

// mapSealed(fd, maxBytes) -> { buffer, unmap() }
Napi::Value map_sealed_fd(const Napi::CallbackInfo& info) {
  const int fd = int_of(info[0]);
  uint64_t bytes = 0;
  throw_if_failed(info.Env(), check_sealed(fd, bytes_of(info[1]), bytes));
  Mapping mapping;
  throw_if_failed(info.Env(), map_sealed(fd, bytes, mapping));
  return mapped_buffer(info.Env(), std::move(mapping), Writes::kAllowed);
}

// createShared(bytes) -> { fd, buffer, unmap() }
Napi::Value create_shared_memory(const Napi::CallbackInfo& info) {
  UniqueFd fd;
  Mapping mapping;
  throw_if_failed(info.Env(), create_shared(bytes_of(info[0]), fd, mapping));
  auto result = mapped_buffer(info.Env(), std::move(mapping), Writes::kAllowed).As<Napi::Object>();
  result.Set("fd", Napi::Number::New(info.Env(), fd.release()));
  return result;
}

Napi::Value map_shared_fd(const Napi::CallbackInfo& info) {
  Mapping mapping;
  throw_if_failed(info.Env(), map_shared(int_of(info[0]), bytes_of(info[1]), bytes_of(info[2]), mapping));
  return mapped_buffer(info.Env(), std::move(mapping), Writes::kAllowed);
}

}  // namespace

void init_channel(Napi::Env env, Napi::Object exports) {
  exports.Set("socketPair", Napi::Function::New(env, pair));
  exports.Set("isChannelSocket", Napi::Function::New(env, is_channel_socket));
  exports.Set("duplicateFd", Napi::Function::New(env, duplicate));
  exports.Set("waitFor", Napi::Function::New(env, wait_for));
  exports.Set("channelSend", Napi::Function::New(env, channel_send));
  exports.Set("channelReceive", Napi::Function::New(env, channel_receive));
  exports.Set("sealBytes", Napi::Function::New(env, seal_bytes));
  exports.Set("readSealed", Napi::Function::New(env, read_sealed_fd));
  exports.Set("detach", Napi::Function::New(env, detach));
  exports.Set("mapSealed", Napi::Function::New(env, map_sealed_fd));
  exports.Set("createShared", Napi::Function::New(env, create_shared_memory));
  exports.Set("mapShared", Napi::Function::New(env, map_shared_fd));
}

}  // namespace pkttap
