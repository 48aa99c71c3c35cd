#include "device_facts.h"

#include <net/if.h>
#include <pcap/pcap.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include <algorithm>
#include <vector>

#include "../core/unique_fd.h"
#include "devices.h"

namespace pkttap {

namespace {

// IFF_*; 0 for what is no network interface, or isn't there.
int flags_of(const std::string& device) {
  ifreq request{};
  device.copy(request.ifr_name, IFNAMSIZ - 1);
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return socket && ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0 ? request.ifr_flags : 0;
}

}  // namespace

bool is_loopback(const std::string& device) { return (flags_of(device) & IFF_LOOPBACK) != 0; }

bool is_up(const std::string& device) { return (flags_of(device) & IFF_UP) != 0; }

std::string description_of(const std::string& device) {
  std::vector<DeviceInfo> devices;
  list_devices(devices);
  const auto found = std::find_if(devices.begin(), devices.end(), [&](const auto& one) { return one.name == device; });
  return found == devices.end() ? "" : found->description;
}

uint32_t netmask_of(const std::string& device) {
  bpf_u_int32 net = 0, mask = 0;
  char ignored[PCAP_ERRBUF_SIZE];
  return pcap_lookupnet(device.c_str(), &net, &mask, ignored) == 0 ? mask : PCAP_NETMASK_UNKNOWN;
}

std::string operating_system() {
  utsname system{};
  return uname(&system) == 0 ? std::string(system.sysname) + " " + system.release : "";
}

}  // namespace pkttap
