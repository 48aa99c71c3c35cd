#include "bpf.h"

namespace pkttap {

namespace {

constexpr uint32_t kScratchWords = 16;
constexpr size_t kLargestProgram = 1u << 16;

enum Class : uint16_t { kLd = 0, kLdx = 1, kSt = 2, kStx = 3, kAlu = 4, kJmp = 5, kRet = 6, kMisc = 7 };
enum Size : uint16_t { kWord = 0x00, kHalf = 0x08, kByte = 0x10 };
enum Mode : uint16_t { kImm = 0x00, kAbs = 0x20, kInd = 0x40, kMem = 0x60, kLen = 0x80, kMsh = 0xa0 };
enum Operation : uint16_t {
  kAdd = 0x00, kSub = 0x10, kMul = 0x20, kDiv = 0x30, kOr = 0x40, kAnd = 0x50,
  kLsh = 0x60, kRsh = 0x70, kNeg = 0x80, kMod = 0x90, kXor = 0xa0,
};
enum Jump : uint16_t { kJa = 0x00, kJeq = 0x10, kJgt = 0x20, kJge = 0x30, kJset = 0x40 };
constexpr uint16_t kSourceX = 0x08;
constexpr uint16_t kRetA = 0x10;
constexpr uint16_t kTxa = 0x80;

uint16_t class_of(const BpfInstruction& i) { return i.code & 0x07; }
uint16_t operation_of(const BpfInstruction& i) { return i.code & 0xf0; }
uint16_t mode_of(const BpfInstruction& i) { return i.code & 0xe0; }

// Big-endian load of the instruction's size at `at`; false past the end of the packet.
bool load(const uint8_t* packet, uint32_t caplen, uint64_t at, uint16_t size, uint32_t& value) {
  const uint32_t bytes = size == kWord ? 4 : size == kHalf ? 2 : 1;
  if (at + bytes > caplen) return false;
  value = 0;
  for (uint32_t i = 0; i < bytes; ++i) value = value << 8 | packet[at + i];
  return true;
}

// False: division by zero, which rejects the packet.
bool compute(uint16_t operation, uint32_t operand, uint32_t& a) {
  switch (operation) {
    case kAdd: a += operand; return true;
    case kSub: a -= operand; return true;
    case kMul: a *= operand; return true;
    case kDiv: if (operand == 0) return false; a /= operand; return true;
    case kMod: if (operand == 0) return false; a %= operand; return true;
    case kOr: a |= operand; return true;
    case kAnd: a &= operand; return true;
    case kXor: a ^= operand; return true;
    case kLsh: a = operand < 32 ? a << operand : 0; return true;
    case kRsh: a = operand < 32 ? a >> operand : 0; return true;
    case kNeg: a = 0u - a; return true;
    default: return false;
  }
}

bool taken(uint16_t operation, uint32_t operand, uint32_t a) {
  switch (operation) {
    case kJeq: return a == operand;
    case kJgt: return a > operand;
    case kJge: return a >= operand;
    default: return (a & operand) != 0;
  }
}

bool valid_instruction(const BpfInstruction& i, size_t left) {
  switch (class_of(i)) {
    case kLd:
    case kLdx:
      return mode_of(i) != kMem || i.k < kScratchWords;
    case kSt:
    case kStx:
      return i.k < kScratchWords;
    case kAlu:
      return operation_of(i) <= kXor;
    case kJmp:
      return operation_of(i) == kJa ? i.k < left : operation_of(i) <= kJset && i.jump_true < left && i.jump_false < left;
    default:
      return true;
  }
}

}  // namespace

// Jumps only go forward, so a program without a way out of itself ends.
bool BpfProgram::valid(const std::vector<BpfInstruction>& program) {
  if (program.size() > kLargestProgram) return false;
  for (size_t at = 0; at < program.size(); ++at)
    if (!valid_instruction(program[at], program.size() - at - 1)) return false;
  return program.empty() || class_of(program.back()) == kRet;
}

bool BpfProgram::matches(const uint8_t* packet, uint32_t caplen, uint32_t origlen) const {
  if (program_.empty()) return true;
  uint32_t a = 0, x = 0;
  uint32_t scratch[kScratchWords] = {};
  for (size_t at = 0;; ++at) {
    const BpfInstruction& i = program_[at];
    switch (class_of(i)) {
      case kRet:
        return ((i.code & 0x18) == kRetA ? a : i.k) != 0;
      case kLd:
      case kLdx: {
        uint32_t value = 0;
        const uint16_t size = i.code & 0x18;
        switch (mode_of(i)) {
          case kImm: value = i.k; break;
          case kLen: value = origlen; break;
          case kMem: value = scratch[i.k]; break;
          case kAbs: if (!load(packet, caplen, i.k, size, value)) return false; break;
          case kInd: if (!load(packet, caplen, uint64_t{x} + i.k, size, value)) return false; break;
          case kMsh: if (!load(packet, caplen, i.k, kByte, value)) return false; value = (value & 15u) * 4; break;
          default: return false;
        }
        (class_of(i) == kLd ? a : x) = value;
        break;
      }
      case kSt: scratch[i.k] = a; break;
      case kStx: scratch[i.k] = x; break;
      case kAlu:
        if (!compute(operation_of(i), i.code & kSourceX ? x : i.k, a)) return false;
        break;
      case kJmp:
        if (operation_of(i) == kJa) at += i.k;
        else at += taken(operation_of(i), i.code & kSourceX ? x : i.k, a) ? i.jump_true : i.jump_false;
        break;
      default:
        if (i.code & kTxa) a = x;
        else x = a;
        break;
    }
  }
}

}  // namespace pkttap
