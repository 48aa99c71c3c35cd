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

// { oldest, lossless, share?, resume?: { position, sequence }[] }
AttachRequest request_of(const Napi::Object& given, size_t lanes) {
  AttachRequest request;
  request.lossless = given.Get("lossless").ToBoolean();
  if (given.Get("share").IsString()) request.group = string_of(given.Get("share"));
  request.start = given.Get("oldest").ToBoolean() ? Start::kOldest : Start::kNow;
  if (!given.Get("resume").IsArray()) return request;
  request.start = Start::kResume;
  const auto places = given.Get("resume").As<Napi::Array>();
  for (uint32_t i = 0; i < lanes; ++i) {
    const auto place = places.Get(i).As<Napi::Object>();
    request.places.push_back({u64_of(place.Get("position")), u64_of(place.Get("sequence"))});
  }
  return request;
}

// What a consumer gets of a lane.
struct LaneDescriptors {
  UniqueFd ring, cursor;
};

Napi::Object lane_to_js(Napi::Env env, const Attachment& begin, LaneDescriptors& fds) {
  auto lane = Napi::Object::New(env);
  lane.Set("position", Napi::BigInt::New(env, begin.place.position));
  lane.Set("sequence", Napi::BigInt::New(env, begin.place.sequence));
  lane.Set("missed", number_of(env, begin.missed));
  lane.Set("ringFd", fds.ring.release());
  lane.Set("cursorFd", fds.cursor.release());
  return lane;
}

// ringAttach(handle, socketFd, request) -> { id, lanes: { position, sequence, missed, ringFd, cursorFd }[], share?: { epoch, fd } };
// the caller closes all the fds.
Napi::Value attach(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Lanes& lanes = lanes_of(info[0]);
  const AttachRequest request = request_of(info[2].As<Napi::Object>(), lanes.size());
  UniqueFd socket(fcntl(int_of(info[1]), F_DUPFD_CLOEXEC, 0));
  if (!socket) throw error_from(env, Status::from_errno("fcntl"));
  std::vector<LaneDescriptors> fds(lanes.size());
  std::vector<Mapping> cursors(lanes.size());
  for (size_t i = 0; i < lanes.size(); ++i) {
    throw_if_failed(env, share_descriptor(lanes[i].memory().fd, fds[i].ring));
    throw_if_failed(env, create_cursor(fds[i].cursor, cursors[i]));
  }
  Attached attached;
  throw_if_failed(env, lanes.attach(std::move(socket), std::move(cursors), request, attached));
  auto result = Napi::Object::New(env);
  auto begins = Napi::Array::New(env);
  for (uint32_t i = 0; i < lanes.size(); ++i) begins.Set(i, lane_to_js(env, attached.lanes[i], fds[i]));
  result.Set("id", attached.id);
  result.Set("lanes", begins);
  if (!attached.shares) return result;
  auto share = Napi::Object::New(env);
  share.Set("epoch", number_of(env, attached.epoch));
  share.Set("fd", attached.shares.release());
  result.Set("share", share);
  return result;
}

// ringRetire(handle, id) -> the position in each lane at which its share ends; empty: it has none
Napi::Value retire(const Napi::CallbackInfo& info) {
  auto result = Napi::Array::New(info.Env());
  for (const RecordPlace& end : lanes_of(info[0]).retire(u32_of(info[1])))
    result.Set(result.Length(), Napi::BigInt::New(info.Env(), end.position));
  return result;
}

// ringDetach(handle, id) -> { packets, unknown }
Napi::Value detach(const Napi::CallbackInfo& info) {
  const HandOver left = lanes_of(info[0]).detach(u32_of(info[1]));
  auto result = Napi::Object::New(info.Env());
  result.Set("packets", number_of(info.Env(), left.packets));
  result.Set("unknown", number_of(info.Env(), left.unknown));
  return result;
}

// ringGenerations(handle) -> of each lane
Napi::Value generations(const Napi::CallbackInfo& info) {
  Lanes& lanes = lanes_of(info[0]);
  auto result = Napi::Array::New(info.Env());
  for (uint32_t i = 0; i < lanes.size(); ++i)
    result.Set(i, Napi::BigInt::New(info.Env(), lanes[i].memory().header->generation));
  return result;
}

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

Napi::Value map_shares_fd(const Napi::CallbackInfo& info) {
  Mapping mapping;
  throw_if_failed(info.Env(), map_shares(int_of(info[0]), mapping));
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
  exports.Set("ringRetire", Napi::Function::New(env, retire));
  exports.Set("ringDetach", Napi::Function::New(env, detach));
  exports.Set("ringSession", Napi::Function::New(env, session));
  exports.Set("ringEnd", Napi::Function::New(env, end));
  exports.Set("ringOnSessionChange", Napi::Function::New(env, on_session_change));
  exports.Set("mapRing", Napi::Function::New(env, map_ring_fd));
  exports.Set("ringGenerations", Napi::Function::New(env, generations));
  exports.Set("mapShares", Napi::Function::New(env, map_shares_fd));
  exports.Set("mapCursor", Napi::Function::New(env, map_cursor_fd));
}

}  // namespace pkttap
