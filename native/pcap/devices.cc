#include "devices.h"

#include <arpa/inet.h>
#include <pcap/pcap.h>

#include <memory>
#include <utility>

namespace pkttap {

namespace {

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

// An IPv4 or IPv6 address in text; empty for anything else, such as the hardware addresses that Linux lists as well.
std::string text_of(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address == nullptr) return text;
  if (address->sa_family == AF_INET)
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  if (address->sa_family == AF_INET6)
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text, sizeof text);
  return text;
}

DeviceInfo info_of(const pcap_if_t& found) {
  DeviceInfo info{text_or_empty(found.name), text_or_empty(found.description), found.flags, {}};
  for (const pcap_addr* at = found.addresses; at != nullptr; at = at->next) {
    DeviceAddress address{text_of(at->addr), text_of(at->netmask)};
    if (!address.address.empty()) info.addresses.push_back(std::move(address));
  }
  return info;
}

}  // namespace

Status list_devices(std::vector<DeviceInfo>& devices) {
  char error[PCAP_ERRBUF_SIZE] = "";
  pcap_if_t* first = nullptr;
  if (pcap_findalldevs(&first, error) != 0) return Status::invalid(error);
  const std::unique_ptr<pcap_if_t, void (*)(pcap_if_t*)> owner(first, pcap_freealldevs);
  for (const pcap_if_t* at = first; at != nullptr; at = at->next) devices.push_back(info_of(*at));
  return Status::ok();
}

}  // namespace pkttap
