#include "live_device.h"

#include <linux/filter.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "devices.h"
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

bool is_loopback(const std::string& name) {
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return socket && ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_LOOPBACK) != 0;
}

std::string description_of(const std::string& name) {
  std::vector<DeviceInfo> devices;
  list_devices(devices);
  const auto found = std::find_if(devices.begin(), devices.end(), [&](const auto& one) { return one.name == name; });
  return found == devices.end() ? "" : found->description;
}

std::string operating_system() {
  utsname system{};
  return uname(&system) == 0 ? std::string(system.sysname) + " " + system.release : "";
}

struct Taking {
  LiveDevice& device;
  RingWriter& writer;
  pcap_t* handle;
  Round round;
};

}  // namespace

std::unique_ptr<LiveDevice> LiveDevice::open(const std::string& name, const DeviceOptions& options,
                                             OpenFailure& failure) {
  failure.device = name;
  char error[PCAP_ERRBUF_SIZE] = "";
  pcap_t* handle = pcap_create(name.c_str(), error);
  if (handle == nullptr) {
    refuse(failure, OpenFailure::kOther, PCAP_ERROR, error);
    return nullptr;
  }
  std::unique_ptr<LiveDevice> device(new LiveDevice(name, handle));
  const bool opened = device->configure(options, failure) && device->activate(options, failure) &&
                      device->set_filter(options.filter, failure) && device->prepare_to_poll(failure);
  if (!opened) return nullptr;
  device->learn_facts(options);
  return device;
}

// What can't fail before activation isn't asked whether it did.
bool LiveDevice::configure(const DeviceOptions& options, OpenFailure& failure) {
  pcap_t* handle = handle_.get();
  pcap_set_snaplen(handle, static_cast<int>(options.snaplen));
  pcap_set_buffer_size(handle, static_cast<int>(options.buffer_bytes));
  pcap_set_timeout(handle, static_cast<int>(options.timeout_ms));
  pcap_set_immediate_mode(handle, options.immediate);
  // "any" has no promiscuous mode; asking for it would only bring a warning that nobody needs.
  pcap_set_promisc(handle, options.promiscuous && name_ != "any");
  if (pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO) != 0) ns_per_fraction_ = 1000;
  if (options.timestamp_type.empty()) return true;
  const int type = pcap_tstamp_type_name_to_val(options.timestamp_type.c_str());
  if (type == PCAP_ERROR)
    return refuse(failure, OpenFailure::kOther, type, "unknown timestamp type: " + options.timestamp_type);
  if (const int status = pcap_set_tstamp_type(handle, type); status != 0)
    return refuse(failure, OpenFailure::kOther, status,
                  std::string(pcap_statustostr(status)) + ": " + options.timestamp_type);
  if (type == PCAP_TSTAMP_ADAPTER || type == PCAP_TSTAMP_ADAPTER_UNSYNCED) timestamp_source_ = PKTTAP_TS_ADAPTER;
  return true;
}

bool LiveDevice::activate(const DeviceOptions& options, OpenFailure& failure) {
  pcap_t* handle = handle_.get();
  const int status = pcap_activate(handle);
  if (status < 0) return refuse(failure, failure_kind(status), status, failure_words(handle, status));
  if (status > 0) warnings_.push_back(failure_words(handle, status));
  if (status == PCAP_WARNING_TSTAMP_TYPE_NOTSUP) timestamp_source_ = PKTTAP_TS_KERNEL;
  // The second version of the cooked header names the interface of each packet. Where it isn't to be had, the first does.
  if (name_ == "any") pcap_set_datalink(handle, DLT_LINUX_SLL2);
  if (options.direction == Direction::kBoth) return true;
  const int set = pcap_setdirection(handle, options.direction == Direction::kIn ? PCAP_D_IN : PCAP_D_OUT);
  return set == 0 || refuse(failure, OpenFailure::kOther, set, failure_words(handle, set));
}

bool LiveDevice::set_filter(const std::string& expression, OpenFailure& failure) {
  filter_ = expression;
  if (expression.empty()) return true;
  pcap_t* handle = handle_.get();
  bpf_u_int32 net = 0, mask = PCAP_NETMASK_UNKNOWN;
  char ignored[PCAP_ERRBUF_SIZE];
  // The mask is for `ip broadcast` only, which is refused where there is none.
  if (pcap_lookupnet(name_.c_str(), &net, &mask, ignored) != 0) mask = PCAP_NETMASK_UNKNOWN;
  bpf_program program{};
  if (const int status = pcap_compile(handle, &program, expression.c_str(), 1, mask); status != 0)
    return refuse(failure, OpenFailure::kBadFilter, status, pcap_geterr(handle));
  const int status = pcap_setfilter(handle, &program);
  pcap_freecode(&program);
  return status == 0 || refuse(failure, OpenFailure::kOther, status, pcap_geterr(handle));
}

bool LiveDevice::prepare_to_poll(OpenFailure& failure) {
  char error[PCAP_ERRBUF_SIZE] = "";
  if (const int status = pcap_setnonblock(handle_.get(), 1, error); status != 0)
    return refuse(failure, OpenFailure::kOther, status, error);
  fd_ = pcap_get_selectable_fd(handle_.get());
  if (fd_ < 0 && pcap_get_required_select_timeout(handle_.get()) == nullptr)
    return refuse(failure, OpenFailure::kOther, PCAP_ERROR, "can't wait for packets of this kind of device");
  return true;
}

void LiveDevice::learn_facts(const DeviceOptions& options) {
  linktype_ = linktype_of_dlt(pcap_datalink(handle_.get()));
  snaplen_ = static_cast<uint32_t>(pcap_snapshot(handle_.get()));
  if_index_ = if_nametoindex(name_.c_str());
  // libpcap reads the interface's own counters in promiscuous mode only; anywhere else its 0 means nothing.
  counts_interface_drops_ = options.promiscuous && if_index_ != 0;
  // Nobody fills in checksums of packets that never leave the host.
  if (is_loopback(name_)) fixed_flags_ |= PKTTAP_FLAG_CHECKSUM_UNKNOWN;
  if (options.direction == Direction::kIn) fixed_flags_ |= PKTTAP_FLAG_INBOUND;
  if (options.direction == Direction::kOut) fixed_flags_ |= kOutboundFlags;
}

bool LiveDevice::announce(RingWriter& writer) {
  Interface interface;
  interface.linktype = linktype_;
  interface.snaplen = snaplen_;
  interface.timestamp_source = timestamp_source_;
  interface.name = name_;
  interface.description = description_of(name_);
  interface.filter = filter_;
  interface.os = operating_system();
  const int64_t index = writer.add_interface(interface);
  interface_ = static_cast<uint32_t>(index);
  return index >= 0;
}

int LiveDevice::required_timeout_ms() const {
  const timeval* required = pcap_get_required_select_timeout(handle_.get());
  if (required == nullptr) return -1;
  const auto ms = static_cast<int>(required->tv_sec * 1000 + (required->tv_usec + 999) / 1000);
  return fd_ < 0 ? ms : std::max(ms, kDownIntervalMs);
}

Round LiveDevice::round(RingWriter& writer, uint32_t limit) {
  Taking taking{*this, writer, handle_.get(), {}};
  const int result =
      pcap_dispatch(handle_.get(), static_cast<int>(limit), on_packet, reinterpret_cast<u_char*>(&taking));
  Round& round = taking.round;
  received_.fetch_add(round.taken, std::memory_order_relaxed);
  round.more = round.taken == limit;
  // Any error is the end, also one after packets: libpcap may have lost its place and give the same ones again.
  round.failed = result < 0 && result != PCAP_ERROR_BREAK;
  if (round.failed && !failed()) {
    failure_ = pcap_geterr(handle_.get());
    failed_.store(true, std::memory_order_release);
  }
  return round;
}

void LiveDevice::on_packet(u_char* context, const pcap_pkthdr* header, const u_char* data) {
  Taking& taking = *reinterpret_cast<Taking*>(context);
  if (taking.round.refused) return;
  const LiveDevice& device = taking.device;
  Packet packet;
  packet.data = data;
  packet.caplen = std::min(header->caplen, PKTTAP_MAX_CAPLEN);
  packet.origlen = header->len;
  packet.ts_ns = static_cast<uint64_t>(header->ts.tv_sec) * 1'000'000'000u +
                 static_cast<uint64_t>(header->ts.tv_usec) * device.ns_per_fraction_;
  packet.interface = device.interface_;
  packet.linktype = device.linktype_;
  packet.flags = device.flags_of(data, packet.caplen);
  if (!taking.writer.append(packet)) {
    taking.round.refused = true;
    pcap_breakloop(taking.handle);
    return;
  }
  ++taking.writer.counters.received;
  ++taking.round.taken;
}

uint32_t LiveDevice::flags_of(const u_char* data, uint32_t caplen) const {
  const uint32_t at = linktype_ == kSll2 ? kSll2TypeOffset : kSllTypeOffset;
  if ((linktype_ != kSll2 && linktype_ != kSll) || at >= caplen) return fixed_flags_;
  const uint8_t type = data[at];
  return fixed_flags_ | (type < kToOtherHost ? PKTTAP_FLAG_INBOUND : type == kOutgoing ? kOutboundFlags : 0);
}

// Straight onto the socket, past libpcap, which would apply the filter to what already waits in the buffer, too.
bool LiveDevice::shut() {
  sock_filter nothing = {BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog program{1, &nothing};
  return fd_ >= 0 && setsockopt(fd_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

bool LiveDevice::drained() {
  refresh_counters();
  return counted_.load(std::memory_order_relaxed) && offered_ - dropped_ == received_;
}

// libpcap counts modulo 2^32. A difference beyond half of that is no count: the interface's own counters are gone with it.
void LiveDevice::add_difference(std::atomic<uint64_t>& total, uint32_t& last, uint32_t now) {
  const auto difference = static_cast<int32_t>(now - last);
  if (difference > 0) total.fetch_add(static_cast<uint64_t>(difference), std::memory_order_relaxed);
  last = now;
}

void LiveDevice::refresh_counters() {
  pcap_stat stats{};
  if (pcap_stats(handle_.get(), &stats) != 0) return;
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

bool LiveDevice::gone() const {
  char name[IF_NAMESIZE];
  return failed() && if_index_ != 0 && if_indextoname(if_index_, name) == nullptr;
}

}  // namespace pkttap
