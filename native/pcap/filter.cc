#include "filter.h"

#include <pcap/pcap.h>

#include <cstring>
#include <memory>

#include "linktype.h"

namespace pkttap {

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
  return Status::ok();
}

}  // namespace pkttap
