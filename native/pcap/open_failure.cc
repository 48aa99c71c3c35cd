#include "open_failure.h"

#include <utility>

namespace pkttap {

OpenFailure::Kind failure_kind(int status) {
  switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
      return OpenFailure::kNoDevice;
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
      return OpenFailure::kPermission;
    case PCAP_ERROR_IFACE_NOT_UP:
      return OpenFailure::kDeviceDown;
    case PCAP_ERROR_RFMON_NOTSUP:
      return OpenFailure::kNoMonitorMode;
    default:
      return OpenFailure::kOther;
  }
}

std::string failure_words(pcap_t* handle, int status) {
  const std::string own = pcap_geterr(handle);
  return own.empty() ? pcap_statustostr(status) : own;
}

bool refuse(OpenFailure& failure, OpenFailure::Kind kind, int status, std::string detail) {
  failure.kind = kind;
  failure.pcap_status = status;
  failure.detail = std::move(detail);
  return false;
}

}  // namespace pkttap
