// The capture's threads, as an object: new Capture(options) opens the devices, start(ring, onEnd, onDevice) makes it run,
// setFilter(expression), stop(), close(), devices(). It knows the ring, which the core module made, by its handle.
#include "../pcap/capture_lanes.h"

#include <napi.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "convert.h"
#include "open_failure.h"
#include "pcap.h"
#include "thread_object.h"

namespace pkttap {

namespace {

CaptureOptions options_of(const Napi::Object& object) {
  CaptureOptions options;
  const auto devices = object.Get("devices").As<Napi::Array>();
  for (uint32_t i = 0; i < devices.Length(); ++i) options.devices.push_back(string_of(devices.Get(i)));
  options.limit = static_cast<uint64_t>(object.Get("limit").As<Napi::Number>().Int64Value());
  options.device.filter = string_of(object.Get("filter"));
  options.device.snaplen = u32_of(object.Get("snaplen"));
  options.device.buffer_bytes = u32_of(object.Get("bufferBytes"));
  options.device.timeout_ms = u32_of(object.Get("timeoutMs"));
  options.device.immediate = object.Get("immediate").As<Napi::Boolean>();
  options.device.promiscuous = object.Get("promiscuous").As<Napi::Boolean>();
  options.device.direction = static_cast<Direction>(u32_of(object.Get("direction")));
  options.device.timestamp_type = string_of(object.Get("timestampType"));
  options.device.linktype = string_of(object.Get("linktype"));
  options.device.monitor = object.Get("monitor").As<Napi::Boolean>();
  options.device.microseconds = object.Get("microseconds").As<Napi::Boolean>();
  options.reopen = object.Get("reopen").As<Napi::Boolean>();
  return options;
}

Napi::Object end_to_js(Napi::Env env, const CaptureEnd& end) {
  auto result = Napi::Object::New(env);
  result.Set("outcome", static_cast<uint32_t>(end.outcome));
  result.Set("device", end.device);
  result.Set("detail", end.detail);
  result.Set("packets", number_of(env, end.packets));
  return result;
}

Napi::Object change_to_js(Napi::Env env, const DeviceChange& change) {
  auto result = Napi::Object::New(env);
  result.Set("device", change.device);
  result.Set("state", static_cast<uint32_t>(change.state));
  result.Set("detail", change.detail);
  result.Set("reopened", change.reopened);
  return result;
}

Napi::Array warnings_to_js(Napi::Env env, const LiveDevice& device) {
  auto result = Napi::Array::New(env);
  for (const std::string& warning : device.warnings()) result.Set(result.Length(), warning);
  return result;
}

Napi::Object live_device_to_js(Napi::Env env, const LiveDevice& device, const DeviceCounters& counters) {
  auto result = Napi::Object::New(env);
  result.Set("name", device.name());
  result.Set("linktype", device.linktype());
  result.Set("snaplen", device.snaplen());
  result.Set("warnings", warnings_to_js(env, device));
  result.Set("received", number_of(env, counters.received));
  if (counters.kernel_dropped != PKTTAP_UNKNOWN) result.Set("kernelDropped", number_of(env, counters.kernel_dropped));
  if (counters.interface_dropped != PKTTAP_UNKNOWN)
    result.Set("interfaceDropped", number_of(env, counters.interface_dropped));
  result.Set("state", static_cast<uint32_t>(device.state()));
  if (device.lost()) result.Set("failure", device.failure());
  return result;
}

// Compiles a filter for a capture's devices on a thread of the pool: neither the event loop nor a thread that takes packets
// is held up. OWNER: deletes itself when it is done.
class FilterPlanning final : public Napi::AsyncWorker {
 public:
  // `owner` isn't collected before `use` was called, with the plan and who asked for it.
  using Use = std::function<void(FilterPlan, const Napi::Promise::Deferred&)>;
  FilterPlanning(const Napi::Object& owner, std::string expression, std::vector<FilterSubject> subjects, Use use)
      : Napi::AsyncWorker(owner.Env(), "pkttap set-filter"),
        owner_(Napi::Persistent(owner)),
        asked_(owner.Env()),
        expression_(std::move(expression)),
        subjects_(std::move(subjects)),
        use_(std::move(use)) {}

  Napi::Promise promise() const { return asked_.Promise(); }

  void Execute() override { planned_ = compile_plan(expression_, subjects_, plan_, failure_); }

  void OnOK() override {
    if (planned_) use_(std::move(plan_), asked_);
    else asked_.Reject(error_from(Env(), failure_).Value());
  }

 private:
  const Napi::ObjectReference owner_;
  const Napi::Promise::Deferred asked_;
  const std::string expression_;
  const std::vector<FilterSubject> subjects_;
  const Use use_;
  bool planned_ = false;
  FilterPlan plan_;
  OpenFailure failure_;
};

class CaptureObject final : public ThreadObject<CaptureObject, CaptureLanes> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Capture",
                       {InstanceMethod<&CaptureObject::start>("start"), InstanceMethod<&CaptureObject::stop>("stop"),
                        InstanceMethod<&CaptureObject::close>("close"),
                        InstanceMethod<&CaptureObject::set_filter>("setFilter"),
                        InstanceMethod<&CaptureObject::devices>("devices")});
  }

  explicit CaptureObject(const Napi::CallbackInfo& info) : ThreadObject(info) {
    OpenFailure failure;
    const auto options = info[0].As<Napi::Object>();
    own(CaptureLanes::open(options_of(options), u32_of(options.Get("lanes")), failure));
    if (worker() == nullptr) throw error_from(info.Env(), failure);
  }

 private:
  void start(const Napi::CallbackInfo& info) {
    const Lanes& lanes = lanes_of(info[0]);
    if (worker() != nullptr && lanes.size() != worker()->size())
      throw Napi::TypeError::New(info.Env(), "another number of rings than lanes");
    on_device_ = Napi::Persistent(info[2].As<Napi::Function>());
    launch(info[0], info[1], [&](CaptureLanes& capture) {
      return capture.start(lanes, {[this](DeviceChange change) { tell_device(std::move(change)); },
                                    [this](CaptureEnd end) { tell_end(std::move(end), end_to_js); }});
    });
  }

  void stop(const Napi::CallbackInfo&) {
    if (worker() != nullptr) worker()->stop();
  }

  void close(const Napi::CallbackInfo&) { give_back(); }

  // A promise. False: the capture doesn't run.
  Napi::Value set_filter(const Napi::CallbackInfo& info) {
    auto* planning = new FilterPlanning(
        info.This().As<Napi::Object>(), string_of(info[0]),
        worker() == nullptr ? std::vector<FilterSubject>() : worker()->filter_subjects(),
        [this](FilterPlan plan, const Napi::Promise::Deferred& asked) { exchange_filter(std::move(plan), asked); });
    planning->Queue();
    return planning->promise();
  }

  void exchange_filter(FilterPlan plan, const Napi::Promise::Deferred& asked) {
    const auto on_done = [this, asked](const OpenFailure* failure) {
      auto copy = failure == nullptr ? nullptr : std::make_shared<OpenFailure>(*failure);
      notify([asked, copy](Napi::Env env, Napi::Function) {
        if (copy == nullptr) asked.Resolve(Napi::Boolean::New(env, true));
        else asked.Reject(error_from(env, *copy).Value());
      });
    };
    if (worker() == nullptr || !worker()->set_filter(std::move(plan), on_done))
      asked.Resolve(Napi::Boolean::New(Env(), false));
  }

  Napi::Value devices(const Napi::CallbackInfo& info) {
    auto result = Napi::Array::New(info.Env());
    if (worker() == nullptr) return result;
    for (uint32_t i = 0; i < worker()->devices().size(); ++i)
      result.Set(i, live_device_to_js(info.Env(), *worker()->devices()[i], worker()->counters(i)));
    return result;
  }

  // From a thread of the capture.
  void tell_device(DeviceChange change) {
    notify([this, change = std::move(change)](Napi::Env env, Napi::Function) {
      on_device_.Call({change_to_js(env, change)});
    });
  }

  Napi::FunctionReference on_device_;
};

}  // namespace

void init_capture(Napi::Env env, Napi::Object exports) { exports.Set("Capture", CaptureObject::define(env)); }

}  // namespace pkttap
