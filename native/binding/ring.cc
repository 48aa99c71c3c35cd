// Ring and cursor memory: made and written on the tap's side, mapped on the consumer's.
#include <fcntl.h>
#include <napi.h>

#include <memory>
#include <utility>
#include <vector>

#include "convert.h"
#include "core.h"
#include "mapped_buffer.h"
#include "notifier.h"
#include "ring_handle.h"

namespace pkttap {

namespace {

// --- the tap's side ---

// createRing(capacity, stallTimeoutMs, firstPosition, firstSequence, lanes) -> handle
Napi::Value create(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const RingShape shape{static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value()), u64_of(info[2]), u64_of(info[3])};
  std::vector<std::unique_ptr<RingWriter>> writers;
  for (uint32_t lanes = info[4].IsUndefined() ? 1 : u32_of(info[4]); lanes > 0; --lanes) {
    RingMemory memory;
    throw_if_failed(env, create_ring(shape, memory));
    writers.push_back(std::make_unique<RingWriter>(std::move(memory), std::chrono::milliseconds(u32_of(info[1]))));
  }
  // OWNER: the External's finalizer deletes the lanes.
  auto handle = RingHandle::New(env, new Lanes(std::move(writers)), [](Napi::Env, Lanes* dead) { delete dead; });
  handle.TypeTag(&kRingTag);
  return handle;
}

// releaseRing(handle): memory and descriptors go now, not when the handle is collected.
void release(const Napi::CallbackInfo& info) { lanes_of(info[0]).release(); }

Napi::Value optional_counter(Napi::Env env, uint64_t value) {
  return value == PKTTAP_UNKNOWN ? env.Undefined() : number_of(env, value);
}

Napi::Object counters_to_js(Napi::Env env, const RingCounters& counters) {
  auto result = Napi::Object::New(env);
  result.Set("received", number_of(env, counters.received));
  result.Set("kernelDropped", optional_counter(env, counters.kernel_dropped));
  result.Set("interfaceDropped", optional_counter(env, counters.interface_dropped));
  result.Set("published", number_of(env, counters.published));
  result.Set("bytes", number_of(env, counters.bytes));
  return result;
}

// ringCounters(handle) -> for each lane { received, kernelDropped?, interfaceDropped?, published, bytes }
Napi::Value counters(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Lanes& lanes = lanes_of(info[0]);
  auto result = Napi::Array::New(env);
  for (uint32_t i = 0; i < lanes.size(); ++i) result.Set(i, counters_to_js(env, lanes[i].published_counters()));
  return result;
}

// ringAttach(handle, socketFd, oldest, lossless) -> { id, lanes: { position, sequence, ringFd, cursorFd }[] }; the caller
// closes all the fds.
Napi::Value attach(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Lanes& lanes = lanes_of(info[0]);
  UniqueFd socket(fcntl(int_of(info[1]), F_DUPFD_CLOEXEC, 0));
  if (!socket) throw error_from(env, Status::from_errno("fcntl"));
  std::vector<UniqueFd> rings(lanes.size()), cursors(lanes.size());
  std::vector<Mapping> mappings(lanes.size());
  for (size_t i = 0; i < lanes.size(); ++i) {
    throw_if_failed(env, share_ring(lanes[i].memory(), rings[i]));
    throw_if_failed(env, create_cursor(cursors[i], mappings[i]));
  }
  const Start start = info[2].As<Napi::Boolean>() ? Start::kOldest : Start::kNow;
  std::vector<Attachment> begins;
  const uint32_t id = lanes.attach(std::move(socket), std::move(mappings), start, info[3].As<Napi::Boolean>(), begins);
  auto result = Napi::Object::New(env);
  auto attached = Napi::Array::New(env);
  result.Set("id", id);
  result.Set("lanes", attached);
  for (uint32_t i = 0; i < lanes.size(); ++i) {
    auto lane = Napi::Object::New(env);
    lane.Set("position", Napi::BigInt::New(env, begins[i].position));
    lane.Set("sequence", Napi::BigInt::New(env, begins[i].sequence));
    lane.Set("ringFd", rings[i].release());
    lane.Set("cursorFd", cursors[i].release());
    attached.Set(i, lane);
  }
  return result;
}

void detach(const Napi::CallbackInfo& info) { lanes_of(info[0]).detach(u32_of(info[1])); }

// ringSession(handle, id) -> { delivered, missed, lossless, fault } or undefined
Napi::Value session(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  ConsumerState state;
  if (!lanes_of(info[0]).consumer_state(u32_of(info[1]), state)) return env.Undefined();
  auto result = Napi::Object::New(env);
  result.Set("delivered", number_of(env, state.delivered));
  result.Set("missed", number_of(env, state.missed));
  result.Set("filtered", number_of(env, state.filtered));
  result.Set("lossless", state.lossless);
  result.Set("fault", static_cast<uint32_t>(state.fault));
  return result;
}

void end(const Napi::CallbackInfo& info) { lanes_of(info[0]).end(u32_of(info[1]), string_of(info[2])); }

// ringOnSessionChange(handle, callback): called on the event loop after a session was made lossy or found cheating.
void on_session_change(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  // OWNER: the writers' callbacks; it goes with their release.
  auto notifier = std::make_shared<Notifier>(env, info[1].As<Napi::Function>(), "pkttap session change");
  lanes_of(info[0]).on_session_change([notifier] {
    notifier->notify([](Napi::Env, Napi::Function callback) { callback.Call({}); });
  });
}

// --- the consumer's side ---

Napi::Value map_ring_fd(const Napi::CallbackInfo& info) {
  Mapping mapping;
  throw_if_failed(info.Env(), map_ring(int_of(info[0]), mapping));
  return mapped_buffer(info.Env(), std::move(mapping), Writes::kFault);
}

Napi::Value map_cursor_fd(const Napi::CallbackInfo& info) {
  Mapping mapping;
  throw_if_failed(info.Env(), map_cursor(int_of(info[0]), mapping));
  return mapped_buffer(info.Env(), std::move(mapping), Writes::kAllowed);
}

}  // namespace

void init_ring(Napi::Env env, Napi::Object exports) {
  exports.Set("createRing", Napi::Function::New(env, create));
  exports.Set("releaseRing", Napi::Function::New(env, release));
  exports.Set("ringCounters", Napi::Function::New(env, counters));
  exports.Set("ringAttach", Napi::Function::New(env, attach));
  exports.Set("ringDetach", Napi::Function::New(env, detach));
  exports.Set("ringSession", Napi::Function::New(env, session));
  exports.Set("ringEnd", Napi::Function::New(env, end));
  exports.Set("ringOnSessionChange", Napi::Function::New(env, on_session_change));
  exports.Set("mapRing", Napi::Function::New(env, map_ring_fd));
  exports.Set("mapCursor", Napi::Function::New(env, map_cursor_fd));
}

}  // namespace pkttap
