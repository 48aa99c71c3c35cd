#include "device_choices.h"

#include <algorithm>
#include <memory>

#include "devices.h"
#include "open_handle.h"

namespace pkttap {

namespace {

// libpcap has types of timestamps for any name.
bool is_there(const std::string& device) {
  std::vector<DeviceInfo> devices;
  return list_devices(devices) &&
         std::any_of(devices.begin(), devices.end(), [&](const auto& one) { return one.name == device; });
}

std::string text_or(const char* text, const std::string& otherwise) { return text == nullptr ? otherwise : text; }

}  // namespace

bool list_timestamp_types(const std::string& device, std::vector<Choice>& choices, OpenFailure& failure) {
  failure.device = device;
  if (!is_there(device)) return refuse(failure, OpenFailure::kNoDevice, PCAP_ERROR_NO_SUCH_DEVICE, "no such device");
  char error[PCAP_ERRBUF_SIZE] = "";
  const PcapHandle handle(pcap_create(device.c_str(), error), pcap_close);
  if (handle == nullptr) return refuse(failure, OpenFailure::kOther, PCAP_ERROR, error);
  int* types = nullptr;
  const int count = pcap_list_tstamp_types(handle.get(), &types);
  if (count < 0) return refuse(failure, failure_kind(count), count, failure_words(handle.get(), count));
  const std::unique_ptr<int, void (*)(int*)> owner(types, pcap_free_tstamp_types);
  for (int i = 0; i < count; ++i)
    choices.push_back({text_or(pcap_tstamp_type_val_to_name(types[i]), std::to_string(types[i])),
                       text_or(pcap_tstamp_type_val_to_description(types[i]), "")});
  return true;
}

bool list_linktypes(const std::string& device, bool monitor, std::vector<Choice>& choices, OpenFailure& failure) {
  DeviceOptions options;
  options.promiscuous = false;
  options.monitor = monitor;
  const OpenedHandle opened = open_handle(device, options, failure);
  if (opened.handle == nullptr) return false;
  int* types = nullptr;
  const int count = pcap_list_datalinks(opened.handle.get(), &types);
  if (count < 0) return refuse(failure, OpenFailure::kOther, count, failure_words(opened.handle.get(), count));
  const std::unique_ptr<int, void (*)(int*)> owner(types, pcap_free_datalinks);
  for (int i = 0; i < count; ++i)
    choices.push_back({text_or(pcap_datalink_val_to_name(types[i]), std::to_string(types[i])),
                       text_or(pcap_datalink_val_to_description(types[i]), "")});
  return true;
}

}  // namespace pkttap
