// The filter of a live device, as the kernel runs it on the device's packet socket. One filter is replaced by another in
// one step: each packet meets the old one or the new one, never none and never both.
//
// pcap_setfilter(3PCAP) isn't used. It lets nothing in while it exchanges filters, and judges what already waits in the
// buffer by the new one. So its two corrections are made here: offsets into cooked headers, which the kernel doesn't see
// as bytes, and our own machine where the kernel won't run a program.
#pragma once

#include <pcap/pcap.h>

#include <vector>

#include "../core/bpf.h"
#include "filter_plan.h"

namespace pkttap {

class DeviceFilter {
 public:
  // Lets no packet into an activated handle's buffer until attach(). False: it has no packet socket.
  static bool close(pcap_t* handle);

  // Makes a program ready for an activated handle. `own_too`: packets are already judged by our own machine, and those
  // that wait in the buffer must go on to be. False: see `failure`.
  bool prepare(pcap_t* handle, const FilterProgram& program, bool own_too, OpenFailure& failure);

  // From now on the kernel judges by this filter; what it won't run, own() does. False: see `failure`; then nothing has
  // changed.
  bool attach(pcap_t* handle, OpenFailure& failure);

  // Whether matches() has to be asked.
  bool own() const { return own_; }
  bool matches(const pcap_pkthdr& header, const u_char* data) const {
    return program_.matches(data, header.caplen, header.len);
  }

 private:
  bool use_own(pcap_t* handle, OpenFailure& failure);

  std::vector<BpfInstruction> plain_;   // as compiled; for our own machine, should it be needed
  std::vector<BpfInstruction> kernel_;  // never empty once prepared
  BpfProgram program_;
  bool own_ = false;
};

}  // namespace pkttap
