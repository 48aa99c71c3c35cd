// A capture in as many threads as a tap has lanes: the same devices in each, whose packets the kernel divides by flow. From
// outside it is one capture, with one limit, one filter and one end. One lane that ends, for whatever reason, ends all.
//
// Threads: as Capture, with as many of its own.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "../core/lanes.h"
#include "capture.h"

namespace pkttap {

class CaptureLanes {
 public:
  // As Capture::open, `lanes` times.
  static std::unique_ptr<CaptureLanes> open(const CaptureOptions& options, size_t lanes, OpenFailure& failure);
  CaptureLanes(const CaptureLanes&) = delete;
  CaptureLanes& operator=(const CaptureLanes&) = delete;
  // OWNER: joins all threads before any capture goes, for the last of them closes the devices of all.
  ~CaptureLanes() { join(); }

  size_t size() const { return captures_.size(); }

  // Once, with as many lanes. Each interface is in the first lane's table before a packet of it is in any. Devices are told
  // of by the first lane. Not ok: there are not enough threads to be had; none runs then.
  Status start(const Lanes& lanes, CaptureEvents events);
  // Ends without waiting for anything, if they run; after on_end there is nothing to wait for.
  void join();
  // As Capture's.
  void stop();
  bool set_filter(FilterPlan plan, const Capture::FilterDone& on_done);

  // What a plan of set_filter() has a program for each of.
  std::vector<FilterSubject> filter_subjects() const;

  // What all lanes have of a device is the first one's to say, but for the counters.
  const std::vector<std::unique_ptr<LiveDevice>>& devices() const { return captures_[0]->devices(); }
  DeviceCounters counters(size_t device) const;

 private:
  CaptureLanes(CaptureShare share, std::vector<std::unique_ptr<Capture>> captures)
      : share_(std::move(share)), captures_(std::move(captures)) {}

  bool finish();
  void on_lane_end(CaptureEnd end);

  const CaptureShare share_;
  CaptureEvents events_;
  bool asked_ = false;  // stop() was called
  std::atomic<bool> finishing_{false};

  std::mutex mutex_;
  CaptureEnd end_;    // under mutex_: of the lanes that have ended
  size_t ended_ = 0;  // under mutex_: how many

  const std::vector<std::unique_ptr<Capture>> captures_;
};

}  // namespace pkttap
