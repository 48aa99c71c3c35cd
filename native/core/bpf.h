// A classic BPF machine, for filters on packets that never pass a socket: replayed savefiles, and consumers whose machine
// has no libpcap. Programs come from pcap_compile(3PCAP). Source: McCanne and Jacobson, "The BSD Packet Filter" (1993), and bpf(4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pkttap {

// struct bpf_insn, in the host's byte order.
struct BpfInstruction {
  uint16_t code;
  uint8_t jump_true;
  uint8_t jump_false;
  uint32_t k;
};
static_assert(sizeof(BpfInstruction) == 8);

class BpfProgram {
 public:
  // False if the program could run out of itself, jump out of itself, loop or touch scratch memory that isn't there.
  static bool valid(const std::vector<BpfInstruction>& program);

  BpfProgram() = default;
  // The program must be valid.
  explicit BpfProgram(std::vector<BpfInstruction> program) : program_(std::move(program)) {}

  // Whether the packet passes. Reading past caplen rejects it, as in the kernel. An empty program passes everything.
  bool matches(const uint8_t* packet, uint32_t caplen, uint32_t origlen) const;

 private:
  std::vector<BpfInstruction> program_;
};

}  // namespace pkttap
