#include "open_handle.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace pkttap {

namespace {

// Of no packet: below 0x600 are lengths and the kernel's own numbers, which end long before this one (linux/if_ether.h).
constexpr int kNoProtocol = 0x5fe;

bool set_timestamp_type(OpenedHandle& opened, const std::string& name, OpenFailure& failure) {
  const int type = pcap_tstamp_type_name_to_val(name.c_str());
  if (type == PCAP_ERROR) return refuse(failure, OpenFailure::kTimestampType, type, "unknown timestamp type: " + name);
  if (const int status = pcap_set_tstamp_type(opened.handle.get(), type); status != 0)
    return refuse(failure, OpenFailure::kTimestampType, status, std::string(pcap_statustostr(status)) + ": " + name);
  if (type == PCAP_TSTAMP_ADAPTER || type == PCAP_TSTAMP_ADAPTER_UNSYNCED) opened.timestamp_source = PKTTAP_TS_ADAPTER;
  return true;
}

// What can't fail before activation isn't asked whether it did.
bool configure(OpenedHandle& opened, const std::string& device, const DeviceOptions& options, OpenFailure& failure) {
  pcap_t* handle = opened.handle.get();
  pcap_set_snaplen(handle, static_cast<int>(options.snaplen));
  pcap_set_buffer_size(handle, static_cast<int>(options.buffer_bytes));
  pcap_set_timeout(handle, static_cast<int>(options.timeout_ms));
  pcap_set_immediate_mode(handle, options.immediate);
  // "any" has no promiscuous mode; asking for it would only bring a warning that nobody needs.
  pcap_set_promisc(handle, options.promiscuous && device != "any");
  pcap_set_protocol_linux(handle, kNoProtocol);
  if (options.monitor) {
    const int can = pcap_can_set_rfmon(handle);
    if (can < 0) return refuse(failure, failure_kind(can), can, failure_words(handle, can));
    if (can == 0) return refuse(failure, OpenFailure::kNoMonitorMode, 0, pcap_statustostr(PCAP_ERROR_RFMON_NOTSUP));
    pcap_set_rfmon(handle, 1);
  }
  if (!options.microseconds) pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
  return options.timestamp_type.empty() || set_timestamp_type(opened, options.timestamp_type, failure);
}

bool choose_linktype(pcap_t* handle, const std::string& device, const std::string& name, OpenFailure& failure) {
  if (name.empty()) {
    // The second version of the cooked header names the interface of each packet. Where it isn't to be had, the first does.
    if (device == "any") pcap_set_datalink(handle, DLT_LINUX_SLL2);
    return true;
  }
  const int dlt = pcap_datalink_name_to_val(name.c_str());
  if (dlt >= 0 && pcap_set_datalink(handle, dlt) == 0) return true;
  return refuse(failure, OpenFailure::kLinktype, PCAP_ERROR, dlt < 0 ? "unknown link type" : pcap_geterr(handle));
}

bool activate(OpenedHandle& opened, const std::string& device, const DeviceOptions& options, OpenFailure& failure) {
  pcap_t* handle = opened.handle.get();
  const int status = pcap_activate(handle);
  if (status < 0) return refuse(failure, failure_kind(status), status, failure_words(handle, status));
  if (status > 0) opened.warnings.push_back(failure_words(handle, status));
  if (status == PCAP_WARNING_TSTAMP_TYPE_NOTSUP) opened.timestamp_source = PKTTAP_TS_KERNEL;
  const bool nano = pcap_get_tstamp_precision(handle) == PCAP_TSTAMP_PRECISION_NANO;
  if (!nano) opened.ns_per_fraction = 1000;
  if (!nano && !options.microseconds) opened.warnings.push_back("timestamps of microseconds only");
  if (!choose_linktype(handle, device, options.linktype, failure)) return false;
  if (options.direction == Direction::kBoth) return true;
  const int set = pcap_setdirection(handle, options.direction == Direction::kIn ? PCAP_D_IN : PCAP_D_OUT);
  return set == 0 || refuse(failure, OpenFailure::kOther, set, failure_words(handle, set));
}

bool prepare_to_poll(OpenedHandle& opened, OpenFailure& failure) {
  pcap_t* handle = opened.handle.get();
  char error[PCAP_ERRBUF_SIZE] = "";
  if (const int status = pcap_setnonblock(handle, 1, error); status != 0)
    return refuse(failure, OpenFailure::kOther, status, error);
  opened.fd = pcap_get_selectable_fd(handle);
  if (opened.fd < 0 && pcap_get_required_select_timeout(handle) == nullptr)
    return refuse(failure, OpenFailure::kOther, PCAP_ERROR, "can't wait for packets of this kind of device");
  // libpcap doesn't; a program that this process starts must not inherit all that passes by.
  if (opened.fd >= 0) fcntl(opened.fd, F_SETFD, FD_CLOEXEC);
  return true;
}

}  // namespace

OpenedHandle open_handle(const std::string& device, const DeviceOptions& options, OpenFailure& failure) {
  failure.device = device;
  char error[PCAP_ERRBUF_SIZE] = "";
  OpenedHandle opened;
  opened.handle.reset(pcap_create(device.c_str(), error));
  if (opened.handle == nullptr) {
    refuse(failure, OpenFailure::kOther, PCAP_ERROR, error);
    return opened;
  }
  const bool ok = configure(opened, device, options, failure) && activate(opened, device, options, failure) &&
                  prepare_to_poll(opened, failure);
  if (!ok) opened.handle.reset();
  return opened;
}

bool let_in(const OpenedHandle& opened, OpenFailure& failure) {
  const int fd = pcap_fileno(opened.handle.get());
  sockaddr_ll address{};
  socklen_t bytes = sizeof address;
  // What isn't a packet socket knew nothing of protocols, and lets in what comes.
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &bytes) != 0 || address.sll_family != AF_PACKET) return true;
  address.sll_protocol = htons(ETH_P_ALL);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  return refuse(failure, errno == ENODEV ? OpenFailure::kNoDevice : OpenFailure::kOther, PCAP_ERROR,
                std::string("bind: ") + std::strerror(errno));
}

}  // namespace pkttap
