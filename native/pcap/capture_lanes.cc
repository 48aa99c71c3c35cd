#include "capture_lanes.h"

#include <algorithm>
#include <utility>

namespace pkttap {

namespace {

// Ends by how much they matter: a failure tells why, and lanes that were stopped because another had finished say so.
int weight(CaptureOutcome outcome) {
  switch (outcome) {
    case CaptureOutcome::kFinished:
      return 0;
    case CaptureOutcome::kStopped:
      return 1;
    default:
      return 2;
  }
}

bool admit(const std::vector<std::unique_ptr<Capture>>& captures, OpenFailure& failure) {
  for (const auto& capture : captures)
    for (const auto& device : capture->devices()) {
      failure.device = device->name();
      if (!device->admit(failure)) return false;
    }
  return true;
}

// Exchanges a filter in all lanes: told once, when the last has done it.
struct FilterExchange {
  Capture::FilterDone on_done;
  std::mutex mutex;
  size_t left = 0;      // under mutex
  bool failed = false;  // under mutex
  OpenFailure failure;  // under mutex

  void lane_done(const OpenFailure* why) {
    const std::lock_guard lock(mutex);
    if (why != nullptr && !std::exchange(failed, true)) failure = *why;
    if (--left == 0) on_done(failed ? &failure : nullptr);
  }
};

}  // namespace

std::unique_ptr<CaptureLanes> CaptureLanes::open(const CaptureOptions& options, size_t lanes, OpenFailure& failure) {
  CaptureShare share{std::make_unique<PacketBudget>(options.limit), {}};
  for (size_t i = 0; lanes > 1 && i < options.devices.size(); ++i) share.groups.push_back(std::make_unique<FanoutGroup>());
  std::vector<std::unique_ptr<Capture>> captures;
  for (size_t lane = 0; lane < lanes; ++lane) {
    captures.push_back(Capture::open(options, share, lane, failure));
    if (captures.back() == nullptr) return nullptr;
  }
  if (lanes > 1 && !admit(captures, failure)) return nullptr;
  return std::unique_ptr<CaptureLanes>(new CaptureLanes(std::move(share), std::move(captures)));
}

void CaptureLanes::join() {
  for (const auto& capture : captures_) capture->abandon();
}

Status CaptureLanes::start(const Lanes& lanes, CaptureEvents events) {
  events_ = std::move(events);
  for (size_t lane = 0; lane < size(); ++lane) {
    const auto on_device = lane == 0 ? events_.on_device : [](DeviceChange) {};
    const Status started =
        captures_[lane]->start(lanes[lane], {on_device, [this](CaptureEnd end) { on_lane_end(std::move(end)); }});
    if (!started) {
      join();
      return started;
    }
  }
  return Status::ok();
}

void CaptureLanes::stop() {
  const bool again = std::exchange(asked_, true);
  if (finish() || !again) return;
  for (const auto& capture : captures_) capture->stop();
}

// True: this call was the first.
bool CaptureLanes::finish() {
  if (finishing_.exchange(true)) return false;
  for (const auto& capture : captures_) capture->stop();
  return true;
}

std::vector<FilterSubject> CaptureLanes::filter_subjects() const {
  std::vector<FilterSubject> subjects;
  for (const auto& device : devices()) subjects.push_back(device->subject());
  return subjects;
}

bool CaptureLanes::set_filter(FilterPlan plan, const Capture::FilterDone& on_done) {
  const auto shared = std::make_shared<const FilterPlan>(std::move(plan));
  const auto exchange = std::make_shared<FilterExchange>();
  exchange->on_done = on_done;
  exchange->left = size();
  const auto lane_done = [exchange](const OpenFailure* why) { exchange->lane_done(why); };
  size_t lane = 0;
  while (lane < size() && captures_[lane]->set_filter(shared, lane_done)) ++lane;
  if (lane == 0) return false;
  // Lanes that have ended have nothing left to do; the others are about to end.
  for (; lane < size(); ++lane) lane_done(nullptr);
  return true;
}

DeviceCounters CaptureLanes::counters(size_t device) const {
  // What the device dropped itself, each lane is told of in full.
  DeviceCounters sum = devices()[device]->counters();
  for (size_t lane = 1; lane < size(); ++lane) {
    const DeviceCounters one = captures_[lane]->devices()[device]->counters();
    sum.received += one.received;
    sum.kernel_dropped = add_counters(sum.kernel_dropped, one.kernel_dropped);
  }
  return sum;
}

// From the lane's thread.
void CaptureLanes::on_lane_end(CaptureEnd end) {
  finish();
  const std::lock_guard lock(mutex_);
  end.packets += end_.packets;
  const bool first = ended_ == 0;
  const uint64_t packets = end.packets;
  if (first || weight(end.outcome) > weight(end_.outcome)) end_ = std::move(end);
  end_.packets = packets;
  if (++ended_ < size()) return;
  for (const auto& capture : captures_)
    for (const auto& device : capture->devices()) device->close();
  events_.on_end(std::move(end_));
}

}  // namespace pkttap
