#include "filter.h"

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

Status compile_filter(const std::string& expression, const FilterTarget& target, std::vector<BpfInstruction>& program) {
  const Status compiled = compile_for_kernel(expression, target, program);
  return compiled ? check_own(program) : compiled;
}

Status compile_for_kernel(const std::string& expression, const FilterTarget& target, std::vector<BpfInstruction>& program) {
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> handle(
      pcap_open_dead(dlt_of_linktype(target.linktype), static_cast<int>(target.snaplen)), pcap_close);
  if (handle == nullptr) return Status::from_errno("pcap_open_dead");
  bpf_program compiled{};
  if (pcap_compile(handle.get(), &compiled, expression.c_str(), 1, target.netmask) != 0)
    return Status::invalid(pcap_geterr(handle.get()));
  take_program(compiled, program);
  return Status::ok();
}

Status check_own(const std::vector<BpfInstruction>& program) {
  if (std::any_of(program.begin(), program.end(), asks_kernel))
    return Status::invalid("it asks what only the kernel of a live device knows of a packet, such as its direction");
  // protochain compiles to a loop, which only the kernel's machines of old took.
  if (!BpfProgram::valid(program)) return Status::invalid("it needs a loop, as protochain does");
  return Status::ok();
}

void take_program(bpf_program& compiled, std::vector<BpfInstruction>& program) {
  static_assert(sizeof(bpf_insn) == sizeof(BpfInstruction));
  program.resize(compiled.bf_len);
  std::memcpy(program.data(), compiled.bf_insns, program.size() * sizeof(BpfInstruction));
  pcap_freecode(&compiled);
}

}  // namespace pkttap
