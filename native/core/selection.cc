#include "selection.h"

#include <algorithm>
#include <utility>

#include "../../include/pkttap.h"
#include "atomics.h"
#include "flow_hash.h"

namespace pkttap {

namespace {

constexpr uint32_t kUndecidedVerdict = UINT32_MAX;
constexpr uint32_t kInterfaceMask = (1u << PKTTAP_INTERFACE_BITS) - 1;

// What a record says of itself, each word loaded once, and the bytes from it to the next.
struct Header {
  uint32_t caplen;
  uint32_t origlen;
  uint32_t interface;
  uint32_t bytes;
};

// False, if the record leads out of the `left` bytes that are there. Attack: a length that leads out of what was published,
// and of the mapping.
bool read_header(const pkttap_record& record, uint32_t left, Header& header) {
  if (left < sizeof record) return false;
  header.caplen = load_relaxed(record.caplen);
  header.origlen = load_relaxed(record.origlen);
  const uint32_t interface_and_flags = load_relaxed(record.interface_and_flags);
  header.interface = interface_and_flags & kInterfaceMask;
  if (header.caplen > PKTTAP_MAX_CAPLEN) return false;
  uint32_t used = sizeof record + header.caplen;
  if ((interface_and_flags >> PKTTAP_INTERFACE_BITS & PKTTAP_FLAG_OPTIONS) != 0) {
    const uint32_t padded = (used + 3) & ~3u;
    if (left - sizeof(uint32_t) < padded) return false;
    const auto* at = reinterpret_cast<const uint8_t*>(&record) + padded;
    const uint32_t options = load_relaxed(*reinterpret_cast<const uint32_t*>(at));
    if (options > PKTTAP_MAX_OPTIONS) return false;
    used = padded + sizeof options + options;
  }
  header.bytes = (used + PKTTAP_RECORD_ALIGNMENT - 1) & ~(PKTTAP_RECORD_ALIGNMENT - 1);
  return header.bytes <= left;
}

}  // namespace

uint32_t Selection::add_program(std::vector<BpfInstruction> program) {
  programs_.emplace_back(std::move(program));
  return kFirstProgram + static_cast<uint32_t>(programs_.size()) - 1;
}

void Selection::decide(uint32_t interface, uint32_t verdict, uint32_t linktype) {
  if (interface >= decisions_.size()) decisions_.resize(interface + 1, {kUndecidedVerdict, 0});
  decisions_[interface] = {verdict, linktype};
}

void Selection::run(const uint8_t* memory, const Stretch& stretch, Pass& pass) {
  uint32_t offset = stretch.from;
  uint32_t count = 0, examined = 0, matched = pass.matches;
  PassEnd end = PassEnd::kDone;
  while (count < stretch.max && offset < stretch.soft_end) {
    // Attack: a record whose length leads out of what was published, and of the mapping.
    const auto& record = *reinterpret_cast<const pkttap_record*>(memory + offset);
    Header header;
    if (!read_header(record, stretch.hard_end - offset, header)) {
      end = PassEnd::kCorrupt;
      break;
    }
    const bool is_shared = !share_.is_all();
    // Attack: a tap that doesn't say whose the flows are. Or the packet is gone, which whoever asked will find out.
    if (is_shared && !share_.reach(load_relaxed(record.sequence))) {
      end = PassEnd::kCorrupt;
      break;
    }
    const bool is_others = is_shared && !share_.takes(load_relaxed(record.flow_hash));
    if (is_others && !common_) {
      examined++;
      offset += header.bytes;
      continue;
    }
    const Decision decision =
        header.interface < decisions_.size() ? decisions_[header.interface] : Decision{kUndecidedVerdict, 0};
    if (decision.verdict == kUndecidedVerdict) {
      end = PassEnd::kUndecided;
      pass.undecided = header.interface;
      break;
    }
    const auto* packet = reinterpret_cast<const uint8_t*>(&record + 1);
    const bool is_ours = !is_others || !tells_its_flow(packet, header.caplen, decision.linktype);
    if (is_ours && matches(decision.verdict, packet, header.caplen, header.origlen) && ++matched == sample_) {
      matched = 0;
      pass.offsets[count] = offset;
      pass.caplens[count] = std::min(header.caplen, snaplen_);
      pass.interfaces[count] = header.interface;
      pass.ordinals[count++] = examined;
    }
    examined++;
    offset += header.bytes;
  }
  pass.count = count;
  pass.examined = examined;
  pass.next = offset;
  pass.end = static_cast<uint32_t>(end);
  pass.matches = matched;
}

bool Selection::matches(uint32_t verdict, const uint8_t* packet, uint32_t caplen, uint32_t origlen) const {
  if (verdict < kFirstProgram) return verdict == kAll;
  return programs_[verdict - kFirstProgram].matches(packet, caplen, origlen);
}

}  // namespace pkttap
