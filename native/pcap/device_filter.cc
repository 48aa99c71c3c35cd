#include "device_filter.h"

#include <linux/filter.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "filter.h"

namespace pkttap {

namespace {

// That the kernel takes (linux/bpf_common.h).
constexpr size_t kMostInstructions = BPF_MAXINSNS;

// Offsets from here on are questions to the kernel, not into the packet (linux/filter.h: SKF_AD_OFF).
constexpr auto kAncillary = static_cast<uint32_t>(SKF_AD_OFF);

// A field of a cooked header, and the kernel's name for it.
struct CookedField {
  uint32_t offset;
  int ancillary;
};

struct CookedHeader {
  uint32_t bytes;
  CookedField fields[3];
};

// pcap-linktype(7): LINKTYPE_LINUX_SLL2 has protocol, interface and packet type; the others packet type and protocol.
constexpr CookedHeader kSll2 = {20, {{0, SKF_AD_PROTOCOL}, {4, SKF_AD_IFINDEX}, {10, SKF_AD_PKTTYPE}}};
constexpr CookedHeader kSll = {16, {{0, SKF_AD_PKTTYPE}, {14, SKF_AD_PROTOCOL}, {14, SKF_AD_PROTOCOL}}};

// Null: packets have their own link-layer header, and the kernel sees it, too.
const CookedHeader* cooked_header(pcap_t* handle) {
  switch (pcap_datalink(handle)) {
    case DLT_LINUX_SLL2:
      return &kSll2;
    case DLT_LINUX_SLL:
    case DLT_LINUX_IRDA:
    case DLT_LINUX_LAPD:
    case DLT_NETLINK:
      return &kSll;
    default:
      return nullptr;
  }
}

bool reads_packet(uint16_t code) {
  const int mode = BPF_MODE(code);
  const bool loads = BPF_CLASS(code) == BPF_LD || BPF_CLASS(code) == BPF_LDX;
  return loads && (mode == BPF_ABS || mode == BPF_IND || mode == BPF_MSH);
}

// False: the kernel doesn't know this field of the header.
bool fix_offset(const CookedHeader& header, uint32_t& offset) {
  if (offset >= kAncillary) return true;
  if (offset >= header.bytes) {
    offset -= header.bytes;
    return true;
  }
  for (const CookedField& field : header.fields) {
    if (field.offset != offset) continue;
    offset = static_cast<uint32_t>(SKF_AD_OFF + field.ancillary);
    return true;
  }
  return false;
}

bool fix_offsets(pcap_t* handle, std::vector<BpfInstruction>& program) {
  const CookedHeader* header = cooked_header(handle);
  if (header == nullptr) return true;
  for (BpfInstruction& instruction : program)
    if (reads_packet(instruction.code) && !fix_offset(*header, instruction.k)) return false;
  return true;
}

BpfInstruction returning(uint32_t bytes) { return {BPF_RET | BPF_K, 0, 0, bytes}; }

std::vector<BpfInstruction> passing_all(pcap_t* handle) {
  return {returning(static_cast<uint32_t>(pcap_snapshot(handle)))};
}

// Other kinds of device have descriptors, too, and some take a filter that means something else there.
bool is_packet_socket(int fd) {
  int domain = 0;
  socklen_t bytes = sizeof domain;
  return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &bytes) == 0 && domain == AF_PACKET;
}

bool attach_program(int fd, std::vector<BpfInstruction>& program) {
  const sock_fprog given{static_cast<unsigned short>(program.size()), reinterpret_cast<sock_filter*>(program.data())};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &given, sizeof given) == 0;
}

// The kernel takes tags out of packets, and libpcap looks for them there only in what it compiles for a live handle. All
// else it compiles alike.
bool speaks_of_vlans(const std::string& expression) { return expression.find("vlan") != std::string::npos; }

bool compile_with(pcap_t* handle, const FilterProgram& program, std::vector<BpfInstruction>& instructions,
                  OpenFailure& failure) {
  bpf_program compiled{};
  if (const int status = pcap_compile(handle, &compiled, program.expression.c_str(), 1, program.target.netmask); status != 0)
    return refuse(failure, OpenFailure::kBadFilter, status, pcap_geterr(handle));
  take_program(compiled, instructions);
  return true;
}

}  // namespace

bool DeviceFilter::close(pcap_t* handle) {
  std::vector<BpfInstruction> nothing{returning(0)};
  return is_packet_socket(pcap_fileno(handle)) && attach_program(pcap_fileno(handle), nothing);
}

bool DeviceFilter::prepare(pcap_t* handle, const FilterProgram& program, bool own_too, OpenFailure& failure) {
  plain_ = program.instructions;
  kernel_ = plain_;
  if (speaks_of_vlans(program.expression) && !compile_with(handle, program, kernel_, failure)) return false;
  const bool for_kernel = is_packet_socket(pcap_fileno(handle)) && kernel_.size() <= kMostInstructions &&
                          fix_offsets(handle, kernel_);
  return (for_kernel && !own_too) || use_own(handle, failure);
}

bool DeviceFilter::attach(pcap_t* handle, OpenFailure& failure) {
  if (!is_packet_socket(pcap_fileno(handle))) return true;
  if (attach_program(pcap_fileno(handle), kernel_)) return true;
  // Longer than net.core.optmem_max allows.
  if (!own_ && !use_own(handle, failure)) return false;
  if (attach_program(pcap_fileno(handle), kernel_)) return true;
  return refuse(failure, OpenFailure::kOther, PCAP_ERROR, std::string("SO_ATTACH_FILTER: ") + std::strerror(errno));
}

// Our machine sees packets as consumers do, with VLAN tags and cooked headers in place; what only the kernel knows of a
// packet, such as `inbound` on Ethernet, it can't answer.
bool DeviceFilter::use_own(pcap_t* handle, OpenFailure& failure) {
  const Status status = check_own(plain_);
  if (!status) return refuse(failure, OpenFailure::kBadFilter, PCAP_ERROR, "too long for the kernel: " + status.detail);
  program_ = BpfProgram(plain_);
  kernel_ = passing_all(handle);
  own_ = true;
  return true;
}

}  // namespace pkttap
