#include "device_choices.h"

#include <algorithm>
#include <memory>

#include "devices.h"
#include "linktype.h"
#include "open_handle.h"

namespace pkttap {

namespace {

// As small as libpcap makes them: nothing is to be caught.
constexpr uint32_t kSnaplen = 64;
constexpr uint32_t kBufferBytes = 64 * 1024;

OpenedHandle open_to_ask(const std::string& device, bool monitor, OpenFailure& failure) {
  DeviceOptions options;
  options.snaplen = kSnaplen;
  options.buffer_bytes = kBufferBytes;
  options.promiscuous = false;
  options.monitor = monitor;
  return open_handle(device, options, failure);
}

// libpcap has types of timestamps for any name.
bool is_there(const std::string& device) {
  std::vector<DeviceInfo> devices;
  return list_devices(devices) &&
         std::any_of(devices.begin(), devices.end(), [&](const auto& one) { return one.name == device; });
}

// What libpcap lists, allocates and frees by functions for each kind of choice.
struct ChoiceKind {
  int (*list)(pcap_t*, int**);
  void (*free)(int*);
  const char* (*name)(int);
  const char* (*description)(int);
};

constexpr ChoiceKind kTimestampTypes{pcap_list_tstamp_types, pcap_free_tstamp_types, pcap_tstamp_type_val_to_name,
                                     pcap_tstamp_type_val_to_description};
constexpr ChoiceKind kLinktypes{pcap_list_datalinks, pcap_free_datalinks, pcap_datalink_val_to_name,
                                pcap_datalink_val_to_description};

std::string text_or(const char* text, const std::string& otherwise) { return text == nullptr ? otherwise : text; }

bool list_choices(pcap_t* handle, const ChoiceKind& kind, std::vector<Choice>& choices, OpenFailure& failure) {
  int* values = nullptr;
  const int count = kind.list(handle, &values);
  if (count < 0) return refuse(failure, failure_kind(count), count, failure_words(handle, count));
  const std::unique_ptr<int, void (*)(int*)> owner(values, kind.free);
  for (int i = 0; i < count; ++i)
    choices.push_back({text_or(kind.name(values[i]), std::to_string(values[i])), text_or(kind.description(values[i]), "")});
  return true;
}

}  // namespace

bool probe_device(const std::string& device, DeviceProbe& probe, OpenFailure& failure) {
  const OpenedHandle opened = open_to_ask(device, false, failure);
  if (opened.handle == nullptr) return false;
  probe.linktype = linktype_of_dlt(pcap_datalink(opened.handle.get()));
  return list_choices(opened.handle.get(), kTimestampTypes, probe.timestamp_types, failure);
}

bool list_timestamp_types(const std::string& device, std::vector<Choice>& choices, OpenFailure& failure) {
  failure.device = device;
  if (!is_there(device)) return refuse(failure, OpenFailure::kNoDevice, PCAP_ERROR_NO_SUCH_DEVICE, "no such device");
  char error[PCAP_ERRBUF_SIZE] = "";
  const PcapHandle handle(pcap_create(device.c_str(), error), pcap_close);
  if (handle == nullptr) return refuse(failure, OpenFailure::kOther, PCAP_ERROR, error);
  return list_choices(handle.get(), kTimestampTypes, choices, failure);
}

bool list_linktypes(const std::string& device, bool monitor, std::vector<Choice>& choices, OpenFailure& failure) {
  const OpenedHandle opened = open_to_ask(device, monitor, failure);
  return opened.handle != nullptr && list_choices(opened.handle.get(), kLinktypes, choices, failure);
}

}  // namespace pkttap
