#include "filter.h"

#include <pcap/pcap.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "linktype.h"

namespace pkttap {

namespace {

// Offsets from here on are questions to the kernel, not into the packet (linux/filter.h: SKF_AD_OFF). libpcap takes a
// handle without a file for a live one, and compiles them into a program that would reject every packet here.
constexpr uint32_t kAncillary = 0xffff'f000;

bool asks_kernel(const BpfInstruction& instruction) {
  const int load = BPF_CLASS(instruction.code);
  return (load == BPF_LD || load == BPF_LDX) && BPF_MODE(instruction.code) == BPF_ABS && instruction.k >= kAncillary;
}

}  // namespace

Status compile_filter(const std::string& expression, uint32_t linktype, uint32_t snaplen,
                      std::vector<BpfInstruction>& program) {
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> handle(
      pcap_open_dead(dlt_of_linktype(linktype), static_cast<int>(snaplen)), pcap_close);
  if (handle == nullptr) return Status::from_errno("pcap_open_dead");
  bpf_program compiled{};
  if (pcap_compile(handle.get(), &compiled, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return Status::invalid(pcap_geterr(handle.get()));
  static_assert(sizeof(bpf_insn) == sizeof(BpfInstruction));
  program.resize(compiled.bf_len);
  std::memcpy(program.data(), compiled.bf_insns, program.size() * sizeof(BpfInstruction));
  pcap_freecode(&compiled);
  if (std::any_of(program.begin(), program.end(), asks_kernel))
    return Status::invalid("it asks what only the kernel of a live device knows of a packet, such as its direction");
  // protochain compiles to a loop, which only the kernel's machines of old took.
  if (!BpfProgram::valid(program)) return Status::invalid("it needs a loop, as protochain does");
  return Status::ok();
}

}  // namespace pkttap
