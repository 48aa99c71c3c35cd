#include "probe.h"

#include <pcap/pcap.h>

#include <memory>

#include "linktype.h"

namespace pkttap {

namespace {

// As small as libpcap makes them: nothing is to be caught.
constexpr int kSnaplen = 64;
constexpr int kBufferBytes = 64 * 1024;

std::vector<std::string> timestamp_types(pcap_t* handle) {
  std::vector<std::string> names;
  int* types = nullptr;
  const int count = pcap_list_tstamp_types(handle, &types);
  for (int i = 0; i < count; ++i)
    if (const char* name = pcap_tstamp_type_val_to_name(types[i]); name != nullptr) names.push_back(name);
  if (count > 0) pcap_free_tstamp_types(types);
  return names;
}

}  // namespace

bool probe_device(const std::string& name, DeviceProbe& probe, OpenFailure& failure) {
  failure.device = name;
  char error[PCAP_ERRBUF_SIZE] = "";
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> owner(pcap_create(name.c_str(), error), pcap_close);
  pcap_t* handle = owner.get();
  if (handle == nullptr) return refuse(failure, OpenFailure::kOther, PCAP_ERROR, error);
  probe.timestamp_types = timestamp_types(handle);
  pcap_set_snaplen(handle, kSnaplen);
  pcap_set_buffer_size(handle, kBufferBytes);
  if (const int status = pcap_activate(handle); status < 0)
    return refuse(failure, failure_kind(status), status, failure_words(handle, status));
  // As a capture does.
  if (name == "any") pcap_set_datalink(handle, DLT_LINUX_SLL2);
  probe.linktype = linktype_of_dlt(pcap_datalink(handle));
  return true;
}

}  // namespace pkttap
