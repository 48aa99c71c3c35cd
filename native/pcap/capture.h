// The capture thread: takes packets from one or several devices and appends them to a ring. What libpcap gave is in the
// ring, whatever ends the capture; what was dropped before that is counted by its cause. Idle, it sleeps in poll(2).
//
// Threads: one of its own, from start() until after on_end. All that is public belongs to the thread that opened it.
#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../core/ring_writer.h"
#include "../core/thread.h"
#include "../core/unique_fd.h"
#include "filter_plan.h"
#include "live_device.h"
#include "packet_budget.h"

namespace pkttap {

struct CaptureOptions {
  std::vector<std::string> devices;  // at least one
  DeviceOptions device;              // the same for all
  uint64_t limit = 0;                // packets; 0: no limit
  bool reopen = false;               // wait for devices that are gone to come back
};

// What the lanes of a capture have in common.
struct CaptureShare {
  std::unique_ptr<PacketBudget> budget;
  std::vector<std::unique_ptr<FanoutGroup>> groups;  // for each device; empty: there is one lane
};

// What became of a device while others, or the capture, go on.
struct DeviceChange {
  std::string device;
  DeviceState state = DeviceState::kUp;
  std::string detail;  // libpcap's words, of a device that is gone or failed
  bool reopened = false;  // it is up because it came back
};

enum class CaptureOutcome : uint32_t {
  kStopped = 0,   // stop(), or the ring was stopped
  kFinished = 1,  // the limit is reached
  kGone = 2,      // the last device isn't there any more
  kFailed = 3,
};

struct CaptureEnd {
  CaptureOutcome outcome = CaptureOutcome::kStopped;
  std::string device;  // that went away or failed last
  std::string detail;  // libpcap's words
  uint64_t packets = 0;
};

// What is to be told from the capture's thread.
struct CaptureEvents {
  std::function<void(DeviceChange)> on_device;
  std::function<void(CaptureEnd)> on_end;  // once, last
};

class Capture {
 public:
  // Opens the devices, whose kernel buffers fill from then on, or, in one of several lanes, from LiveDevice::admit() on.
  // Null if one of them can't be opened; then `failure` says why and none stays open. `share` outlives the capture.
  static std::unique_ptr<Capture> open(const CaptureOptions& options, const CaptureShare& share, size_t lane,
                                       OpenFailure& failure);
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  // OWNER: joins the thread, as abandon() does.
  ~Capture() { abandon(); }

  // Ends now and joins the thread. Of a capture that still runs, packets not yet taken are given up, and the ring is stopped.
  void abandon();

  // Once. The writer outlives the capture. The devices are in its interface table when this returns. Events come from the
  // thread; after the last, the devices stay open for whoever owns the capture to close. Not ok: there is no thread to be had.
  Status start(RingWriter& writer, CaptureEvents events);
  // Lets no new packet in, takes those that had arrived, and ends. A lossless consumer may keep it waiting; asked a
  // second time, it doesn't wait.
  void stop();

  // Exchanges the filter of all devices, or of none; `plan` has a program for each. `on_done` is called from the thread: with null, once packets that
  // come from then on pass by the new filter alone; or with what is wrong. False: the capture doesn't run, and
  // `on_done` won't be called.
  using FilterDone = std::function<void(const OpenFailure*)>;
  bool set_filter(std::shared_ptr<const FilterPlan> plan, FilterDone on_done);

  const std::vector<std::unique_ptr<LiveDevice>>& devices() const { return devices_; }

 private:
  struct FilterRequest {
    std::shared_ptr<const FilterPlan> plan;
    FilterDone on_done;
  };
  using Clock = std::chrono::steady_clock;

  Capture(std::vector<std::unique_ptr<LiveDevice>> devices, const CaptureOptions& options, const CaptureShare& share,
          size_t lane, UniqueFd wake);

  CaptureEnd run();
  bool announce();
  void wait(int timeout_ms);
  int timeout_ms(Clock::time_point now) const;
  void take_ready();
  Round take(LiveDevice& device);
  void take_rest_of_all();
  void take_rest(LiveDevice& device, bool shut);
  void refresh_counters();
  void retire(size_t index);
  void review_devices();
  void look_for(size_t index);
  void tell(const LiveDevice& device, bool reopened = false);
  std::vector<FilterRequest> take_requests(bool last);
  void exchange_filters();
  void refuse_requests();
  bool exchange_filter(const FilterPlan& plan, OpenFailure& failure);
  bool reached_limit() const { return budget_.spent(); }
  CaptureEnd ended(CaptureOutcome outcome) const;

  const std::vector<std::unique_ptr<LiveDevice>> devices_;
  PacketBudget& budget_;
  const size_t lane_;
  const bool reopen_;
  const std::chrono::milliseconds patience_;  // for the rest, when nothing new comes
  const UniqueFd wake_;                       // eventfd, readable when something is asked of the thread
  RingWriter* writer_ = nullptr;              // until start()
  CaptureEvents events_;
  Thread thread_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> ended_{false};

  std::mutex mutex_;
  bool serving_ = false;                  // under mutex_: the thread takes requests
  std::vector<FilterRequest> requests_;  // under mutex_

  // The thread's own.
  std::vector<pollfd> polled_;     // as devices_, then wake_
  size_t alive_ = 0;               // devices that give packets, or will when they are back
  const LiveDevice* last_lost_ = nullptr;
  Clock::time_point looked_;       // for devices that are gone
  uint64_t packets_ = 0;
  bool more_ = false;              // packets are known to wait
  bool announced_ = false;         // the devices are in the interface table
  bool refused_ = false;           // nothing is taken any more
  bool uncounted_ = false;         // packets came after the counters were refreshed
  Clock::time_point counted_;      // when they were
  SourceCounters before_;          // what earlier sources of the same ring have counted
};

}  // namespace pkttap
