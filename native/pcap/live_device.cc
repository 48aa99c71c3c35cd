#include "live_device.h"

#include <net/if.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "device_facts.h"
#include "linktype.h"

namespace pkttap {

namespace {

// A device that is down is asked this often whether it is gone; libpcap would have us do so every millisecond.
constexpr int kDownIntervalMs = 20;

// The packet's direction in a cooked header (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2): a byte that says who it was for.
constexpr uint32_t kSll = 113, kSllTypeOffset = 1;
constexpr uint32_t kSll2 = 276, kSll2TypeOffset = 10;
constexpr uint8_t kToOtherHost = 3, kOutgoing = 4;

constexpr uint32_t kOutboundFlags = PKTTAP_FLAG_OUTBOUND | PKTTAP_FLAG_CHECKSUM_UNKNOWN;

// The clock that the kernel stamps packets by.
uint64_t now_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::nanoseconds(now).count());
}

struct Taking {
  LiveDevice& device;
  RingWriter& writer;
  PacketBudget& budget;
  pcap_t* handle;
  Round round;
};

}  // namespace

std::unique_ptr<LiveDevice> LiveDevice::open(const std::string& name, const DeviceOptions& options, FanoutGroup* group,
                                             OpenFailure& failure) {
  std::unique_ptr<LiveDevice> device(new LiveDevice(name, options, group));
  device->opened_ = open_handle(name, options, failure);
  if (device->handle() == nullptr) return nullptr;
  device->learn_facts();
  const bool begun = compile_program(options.filter, device->subject(), device->program_, failure) && device->begin(failure);
  return begun ? std::move(device) : nullptr;
}

bool LiveDevice::begin(OpenFailure& failure) {
  return filter_.prepare(handle(), program_, false, failure) &&
         (group_ != nullptr ? join_group(failure) : filter_.attach(handle(), failure) && let_in(opened_, failure));
}

// A socket joins a group only once it lets packets in, and until it has joined it would be given all of them.
bool LiveDevice::join_group(OpenFailure& failure) {
  if (!DeviceFilter::close(handle()))
    return refuse(failure, OpenFailure::kOther, PCAP_ERROR, "the packets of this kind of device can't be divided among threads");
  return let_in(opened_, failure) && group_->join(fd(), if_nametoindex(name_.c_str()), failure);
}

void LiveDevice::learn_facts() {
  warnings_ = opened_.warnings;
  // Later, when privileges are given up, it may not be there to ask for.
  description_ = description_of(name_);
  linktype_ = linktype_of_dlt(pcap_datalink(handle()));
  snaplen_ = static_cast<uint32_t>(pcap_snapshot(handle()));
  netmask_ = netmask_of(name_);
  if_index_ = if_nametoindex(name_.c_str());
  // libpcap reads the interface's own counters in promiscuous mode only; anywhere else its 0 means nothing.
  counts_interface_drops_ = options_.promiscuous && if_index_ != 0;
  // Nobody fills in checksums of packets that never leave the host.
  if (is_loopback(name_)) fixed_flags_ |= PKTTAP_FLAG_CHECKSUM_UNKNOWN;
  if (options_.direction == Direction::kIn) fixed_flags_ |= PKTTAP_FLAG_INBOUND;
  if (options_.direction == Direction::kOut) fixed_flags_ |= kOutboundFlags;
}

bool LiveDevice::announce(RingWriter& writer) {
  const int64_t index = add_to_table(writer, program_.expression);
  interface_ = static_cast<uint32_t>(index);
  return index >= 0;
}

int64_t LiveDevice::add_to_table(RingWriter& writer, const std::string& filter) const {
  Interface interface;
  interface.linktype = linktype_;
  interface.snaplen = snaplen_;
  interface.timestamp_source = opened_.timestamp_source;
  interface.name = name_;
  interface.description = description_;
  interface.filter = filter;
  interface.os = operating_system();
  return writer.add_interface(interface);
}

int LiveDevice::required_timeout_ms() const {
  const timeval* required = lost() ? nullptr : pcap_get_required_select_timeout(handle());
  if (required == nullptr) return -1;
  const auto ms = static_cast<int>(required->tv_sec * 1000 + (required->tv_usec + 999) / 1000);
  return fd() < 0 ? ms : std::max(ms, kDownIntervalMs);
}

Round LiveDevice::round(RingWriter& writer, PacketBudget& budget, uint32_t limit) {
  Taking taking{*this, writer, budget, handle(), {}};
  const int result = pcap_dispatch(handle(), static_cast<int>(limit), on_packet, reinterpret_cast<u_char*>(&taking));
  Round& round = taking.round;
  received_.fetch_add(round.taken, std::memory_order_relaxed);
  round.more = result >= 0 && static_cast<uint32_t>(result) == limit;
  // Any error is the end, also one after packets: libpcap may have lost its place and give the same ones again.
  round.failed = result < 0 && result != PCAP_ERROR_BREAK;
  if (round.failed && !lost()) fail(is_gone() ? DeviceState::kGone : DeviceState::kFailed, pcap_geterr(handle()));
  return round;
}

void LiveDevice::on_packet(u_char* context, const pcap_pkthdr* header, const u_char* data) {
  Taking& taking = *reinterpret_cast<Taking*>(context);
  if (taking.round.refused) return;
  LiveDevice& device = taking.device;
  if (device.filter_.own() && !device.filter_.matches(*header, data)) {
    ++device.rejected_;
    return;
  }
  Packet packet;
  packet.data = data;
  packet.caplen = std::min(header->caplen, PKTTAP_MAX_CAPLEN);
  packet.origlen = header->len;
  packet.ts_ns = static_cast<uint64_t>(header->ts.tv_sec) * 1'000'000'000u +
                 static_cast<uint64_t>(header->ts.tv_usec) * device.opened_.ns_per_fraction;
  packet.interface = device.interface_at(packet.ts_ns);
  packet.linktype = device.linktype_;
  packet.flags = device.flags_of(data, packet.caplen);
  if (!taking.budget.take() || !taking.writer.append(packet)) {
    taking.round.refused = true;
    pcap_breakloop(taking.handle);
    return;
  }
  ++taking.writer.counters.received;
  ++taking.round.taken;
}

uint32_t LiveDevice::interface_at(uint64_t ts_ns) {
  for (; !changes_.empty() && ts_ns > changes_.front().ts_ns; changes_.pop_front())
    interface_ = changes_.front().interface;
  return interface_;
}

uint32_t LiveDevice::flags_of(const u_char* data, uint32_t caplen) const {
  const uint32_t at = linktype_ == kSll2 ? kSll2TypeOffset : kSllTypeOffset;
  if ((linktype_ != kSll2 && linktype_ != kSll) || at >= caplen) return fixed_flags_;
  const uint8_t type = data[at];
  return fixed_flags_ | (type < kToOtherHost ? PKTTAP_FLAG_INBOUND : type == kOutgoing ? kOutboundFlags : 0);
}

// libpcap asks for a timeout beside a descriptor only while the device is down, and until the first packet after that.
bool LiveDevice::review() {
  if (lost()) return false;
  const bool down = fd() >= 0 && pcap_get_required_select_timeout(handle()) != nullptr && !is_up(name_);
  const DeviceState now = down ? DeviceState::kDown : DeviceState::kUp;
  return state_.exchange(now, std::memory_order_relaxed) != now;
}

bool LiveDevice::reopen() {
  if (if_nametoindex(name_.c_str()) == 0) return false;
  OpenFailure failure;
  if (!begin_again(failure)) {
    close();
    const bool later = failure.kind == OpenFailure::kNoDevice || failure.kind == OpenFailure::kDeviceDown;
    if (!later) fail(DeviceState::kFailed, "it can't be opened again: " + failure.detail);
    return false;
  }
  if_index_ = if_nametoindex(name_.c_str());
  // The new handle counts from 0; what was left in the old one's buffer went with it.
  last_received_ = last_dropped_ = last_interface_dropped_ = 0;
  offered_ = received_ + dropped_ + rejected_;
  const std::lock_guard lock(mutex_);
  failure_.clear();
  state_ = DeviceState::kUp;
  return true;
}

bool LiveDevice::begin_again(OpenFailure& failure) {
  opened_ = open_handle(name_, options_, failure);
  if (opened_.handle == nullptr) return false;
  if (linktype_of_dlt(pcap_datalink(handle())) != linktype_)
    return refuse(failure, OpenFailure::kOther, PCAP_ERROR, "it came back with another link type");
  filter_ = DeviceFilter();
  return begin(failure) && (group_ == nullptr || admit(failure));
}

bool LiveDevice::try_filter(const FilterProgram& program, OpenFailure& failure) {
  failure.device = name_;
  tried_ = DeviceFilter();
  return lost() || tried_.prepare(handle(), program, filter_.own(), failure);
}

bool LiveDevice::use_filter(RingWriter& writer, const FilterProgram& program, OpenFailure& failure) {
  failure.device = name_;
  const int64_t index = add_to_table(writer, program.expression);
  if (index < 0) return refuse(failure, OpenFailure::kOther, 0, "the ring's interface table is full");
  if (!lost()) {
    if (!tried_.attach(handle(), failure)) return false;
    filter_ = std::move(tried_);
  }
  program_ = program;
  // An adapter's clock isn't ours: there the next packet begins the new interface.
  const bool comparable = opened_.timestamp_source == PKTTAP_TS_KERNEL;
  changes_.push_back({comparable ? now_ns() : 0, static_cast<uint32_t>(index)});
  return true;
}

// Straight onto the socket, past libpcap, which would apply the filter to what already waits in the buffer, too.
bool LiveDevice::shut() { return !lost() && DeviceFilter::close(handle()); }

bool LiveDevice::drained() {
  refresh_counters();
  return counted_.load(std::memory_order_relaxed) && offered_ - dropped_ == received_ + rejected_;
}

// libpcap counts modulo 2^32. A difference beyond half of that is no count: the interface's own counters are gone with it.
void LiveDevice::add_difference(std::atomic<uint64_t>& total, uint32_t& last, uint32_t now) {
  const auto difference = static_cast<int32_t>(now - last);
  if (difference > 0) total.fetch_add(static_cast<uint64_t>(difference), std::memory_order_relaxed);
  last = now;
}

void LiveDevice::refresh_counters() {
  pcap_stat stats{};
  if (opened_.handle == nullptr || pcap_stats(handle(), &stats) != 0) return;
  add_difference(offered_, last_received_, stats.ps_recv);
  add_difference(dropped_, last_dropped_, stats.ps_drop);
  add_difference(interface_dropped_, last_interface_dropped_, stats.ps_ifdrop);
  counted_.store(true, std::memory_order_relaxed);
}

DeviceCounters LiveDevice::counters() const {
  DeviceCounters counters;
  counters.received = received_.load(std::memory_order_relaxed);
  if (!counted_.load(std::memory_order_relaxed)) return counters;
  counters.kernel_dropped = dropped_.load(std::memory_order_relaxed);
  if (counts_interface_drops_) counters.interface_dropped = interface_dropped_.load(std::memory_order_relaxed);
  return counters;
}

std::string LiveDevice::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void LiveDevice::fail(DeviceState state, std::string why) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(why);
  state_ = state;
}

bool LiveDevice::is_gone() const {
  char name[IF_NAMESIZE];
  return if_index_ != 0 && if_indextoname(if_index_, name) == nullptr;
}

}  // namespace pkttap
