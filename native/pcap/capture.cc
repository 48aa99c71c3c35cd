#include "capture.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

namespace pkttap {

namespace {

using std::chrono::milliseconds;

// Packets taken from one device before the others, stop() and the counters get their turn.
constexpr uint32_t kRound = 4096;

// Counters are refreshed this often while packets come, and rarely while none do: an interface can drop packets without
// letting a single one through.
constexpr milliseconds kBusyRefresh{100};
constexpr milliseconds kIdleRefresh{1000};

// A device that is gone is looked for this often.
constexpr milliseconds kLookInterval{100};

// A block of the kernel's buffer is handed over at the latest at the second tick of a timer of `timeout_ms`.
constexpr uint32_t kTicks = 3;
constexpr uint32_t kSlackMs = 50;

uint64_t known_or_zero(uint64_t counter) { return counter == PKTTAP_UNKNOWN ? 0 : counter; }

}  // namespace

std::unique_ptr<Capture> Capture::open(const CaptureOptions& options, const CaptureShare& share, size_t lane,
                                       OpenFailure& failure) {
  std::vector<std::unique_ptr<LiveDevice>> devices;
  for (size_t i = 0; i < options.devices.size(); ++i) {
    FanoutGroup* group = share.groups.empty() ? nullptr : share.groups[i].get();
    devices.push_back(LiveDevice::open(options.devices[i], options.device, group, failure));
    if (devices.back() == nullptr) return nullptr;
  }
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) {
    failure = {OpenFailure::kOther, 0, {}, "no descriptors left for eventfd"};
    return nullptr;
  }
  return std::unique_ptr<Capture>(new Capture(std::move(devices), options, share, lane, std::move(wake)));
}

Capture::Capture(std::vector<std::unique_ptr<LiveDevice>> devices, const CaptureOptions& options,
                 const CaptureShare& share, size_t lane, UniqueFd wake)
    : devices_(std::move(devices)),
      budget_(*share.budget),
      lane_(lane),
      reopen_(options.reopen),
      patience_(options.device.immediate ? kSlackMs : kTicks * options.device.timeout_ms + kSlackMs),
      wake_(std::move(wake)),
      alive_(devices_.size()) {
  for (const auto& device : devices_) polled_.push_back({device->fd(), POLLIN, 0});
  polled_.push_back({wake_.get(), POLLIN, 0});
}

void Capture::abandon() {
  if (!thread_.joinable()) return;
  // Once the capture is over, another source may be using the ring.
  if (!ended_) {
    stop();
    writer_->stop();
  }
  thread_.join();
}

Status Capture::start(RingWriter& writer, CaptureEvents events) {
  writer_ = &writer;
  announced_ = announce();
  events_ = std::move(events);
  serving_ = true;
  return thread_.start("pkttap-capture", [this] {
    CaptureEnd end = run();
    refuse_requests();
    refresh_counters();
    writer_->publish();
    end.packets = packets_;
    ended_ = true;
    events_.on_end(std::move(end));
  });
}

void Capture::stop() {
  if (stopping_.exchange(true) && writer_ != nullptr && !ended_) writer_->stop();
  eventfd_write(wake_.get(), 1);
}

CaptureEnd Capture::run() {
  before_ = writer_->counters;
  if (!announced_) return {CaptureOutcome::kFailed, {}, "the ring's interface table is full", 0};
  while (!stopping_) {
    wait(timeout_ms(Clock::now()));
    take_ready();
    if (reached_limit()) return ended(CaptureOutcome::kFinished);
    if (refused_) return ended(CaptureOutcome::kStopped);
    // Packets first: libpcap reads files to count.
    writer_->publish();
    exchange_filters();
    review_devices();
    if (alive_ == 0)
      return ended(last_lost_->state() == DeviceState::kGone ? CaptureOutcome::kGone : CaptureOutcome::kFailed);
    const auto interval = uncounted_ ? kBusyRefresh : kIdleRefresh;
    if (Clock::now() - counted_ < interval) continue;
    refresh_counters();
    writer_->publish();
  }
  take_rest_of_all();
  return ended(reached_limit() ? CaptureOutcome::kFinished : CaptureOutcome::kStopped);
}

bool Capture::announce() {
  return std::all_of(devices_.begin(), devices_.end(), [this](const auto& device) { return device->announce(*writer_); });
}

CaptureEnd Capture::ended(CaptureOutcome outcome) const {
  const bool failed = outcome == CaptureOutcome::kGone || outcome == CaptureOutcome::kFailed;
  if (!failed) return {outcome, {}, {}, 0};
  return {outcome, last_lost_->name(), last_lost_->failure(), 0};
}

void Capture::wait(int timeout_ms) {
  poll(polled_.data(), polled_.size(), timeout_ms);
  eventfd_t asked = 0;
  if (polled_.back().revents != 0) eventfd_read(wake_.get(), &asked);
}

int Capture::timeout_ms(Clock::time_point now) const {
  if (more_) return 0;
  const auto due = counted_ + (uncounted_ ? kBusyRefresh : kIdleRefresh);
  auto timeout = static_cast<int>(std::chrono::ceil<milliseconds>(std::max(due - now, Clock::duration::zero())).count());
  for (const auto& device : devices_) {
    const int required = device->required_timeout_ms();
    if (required >= 0) timeout = std::min(timeout, required);
    if (reopen_ && device->state() == DeviceState::kGone)
      timeout = std::min(timeout, static_cast<int>(kLookInterval.count()));
  }
  return timeout;
}

void Capture::take_ready() {
  const bool all = std::exchange(more_, false);
  for (size_t i = 0; i < devices_.size() && !reached_limit() && !refused_; ++i) {
    LiveDevice& device = *devices_[i];
    if (device.lost()) continue;
    if (!all && polled_[i].revents == 0 && device.required_timeout_ms() < 0) continue;
    if (take(device).failed) retire(i);
  }
}

Round Capture::take(LiveDevice& device) {
  const Round round = device.round(*writer_, budget_, kRound);
  packets_ += round.taken;
  more_ |= round.more;
  refused_ |= round.refused;
  uncounted_ |= round.taken != 0;
  return round;
}

// First all are shut, so that what is still taken had arrived by the same moment.
void Capture::take_rest_of_all() {
  std::vector<bool> shut;
  for (const auto& device : devices_) shut.push_back(device->shut());
  for (size_t i = 0; i < devices_.size(); ++i)
    if (!devices_[i]->lost()) take_rest(*devices_[i], shut[i]);
}

// A device that isn't there any more may have left packets behind, the last of them in a block not yet handed over.
void Capture::retire(size_t index) {
  LiveDevice& device = *devices_[index];
  last_lost_ = &device;
  const bool gone = device.state() == DeviceState::kGone;
  if (gone) take_rest(device, true);
  if (!gone || !reopen_) --alive_;
  device.refresh_counters();
  device.close();
  polled_[index].fd = -1;
  tell(device);
}

// Takes what the kernel still holds of a device's packets, and waits for it to hand them over. `shut`: no new ones come,
// so that all there are can be waited for, however long the ring takes them.
void Capture::take_rest(LiveDevice& device, bool shut) {
  auto deadline = Clock::now() + patience_;
  while (!reached_limit() && !refused_) {
    const bool taken = take(device).taken != 0;
    writer_->publish();
    if (taken && shut) deadline = Clock::now() + patience_;
    if (!taken && device.drained()) return;
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return;
    pollfd polled{device.fd(), POLLIN, 0};
    if (!taken) poll(&polled, 1, static_cast<int>(left.count()));
  }
}

void Capture::refresh_counters() {
  SourceCounters& sum = writer_->counters;
  sum.kernel_dropped = known_or_zero(before_.kernel_dropped);
  sum.interface_dropped = known_or_zero(before_.interface_dropped);
  for (const auto& device : devices_) {
    device->refresh_counters();
    const DeviceCounters one = device->counters();
    sum.kernel_dropped = add_counters(sum.kernel_dropped, one.kernel_dropped);
    // What the device dropped itself, every lane is told of in full: it counts once.
    if (lane_ == 0) sum.interface_dropped = add_counters(sum.interface_dropped, one.interface_dropped);
  }
  counted_ = Clock::now();
  uncounted_ = false;
}

// Devices that went down or came up, and those that are back.
void Capture::review_devices() {
  for (const auto& device : devices_)
    if (device->review()) tell(*device);
  if (!reopen_ || Clock::now() - looked_ < kLookInterval) return;
  looked_ = Clock::now();
  for (size_t i = 0; i < devices_.size(); ++i)
    if (devices_[i]->state() == DeviceState::kGone) look_for(i);
}

void Capture::look_for(size_t index) {
  LiveDevice& device = *devices_[index];
  const bool reopened = device.reopen();
  if (device.state() == DeviceState::kGone) return;
  polled_[index].fd = device.fd();
  if (!reopened) --alive_;
  tell(device, reopened);
}

void Capture::tell(const LiveDevice& device, bool reopened) {
  events_.on_device({device.name(), device.state(), device.failure(), reopened});
}

bool Capture::set_filter(std::shared_ptr<const FilterPlan> plan, FilterDone on_done) {
  const std::lock_guard lock(mutex_);
  if (!serving_) return false;
  requests_.push_back({std::move(plan), std::move(on_done)});
  eventfd_write(wake_.get(), 1);
  return true;
}

std::vector<Capture::FilterRequest> Capture::take_requests(bool last) {
  const std::lock_guard lock(mutex_);
  serving_ = !last;
  return std::exchange(requests_, {});
}

void Capture::exchange_filters() {
  for (const FilterRequest& request : take_requests(false)) {
    OpenFailure failure;
    const bool exchanged = exchange_filter(*request.plan, failure);
    request.on_done(exchanged ? nullptr : &failure);
  }
}

void Capture::refuse_requests() {
  const OpenFailure ended{OpenFailure::kOther, 0, devices_.front()->name(), "the capture has ended"};
  for (const FilterRequest& request : take_requests(true)) request.on_done(&ended);
}

// One that no device refuses to try is refused by none, but for a kernel that is out of memory.
bool Capture::exchange_filter(const FilterPlan& plan, OpenFailure& failure) {
  for (size_t i = 0; i < devices_.size(); ++i)
    if (!devices_[i]->try_filter(plan[i], failure)) return false;
  for (size_t i = 0; i < devices_.size(); ++i)
    if (!devices_[i]->use_filter(*writer_, plan[i], failure)) return false;
  return true;
}

}  // namespace pkttap
