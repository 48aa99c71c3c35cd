// LINKTYPE_* numbers (what files and rings say) from and to DLT_* numbers (what libpcap's calls say). They are the same
// but for a few old ones whose DLT_* differs between systems. Source: https://www.tcpdump.org/linktypes.html
#pragma once

#include <pcap/dlt.h>

#include <cstdint>

namespace pkttap {

struct LinktypePair {
  int dlt;
  uint32_t linktype;
};

inline constexpr LinktypePair kDifferentLinktypes[] = {
    {DLT_ATM_RFC1483, 100}, {DLT_RAW, 101},      {DLT_SLIP_BSDOS, 102},
    {DLT_PPP_BSDOS, 103},   {DLT_ATM_CLIP, 106}, {DLT_PFSYNC, 246},
};

constexpr uint32_t linktype_of_dlt(int dlt) {
  for (const auto& pair : kDifferentLinktypes)
    if (pair.dlt == dlt) return pair.linktype;
  return static_cast<uint32_t>(dlt);
}

constexpr int dlt_of_linktype(uint32_t linktype) {
  for (const auto& pair : kDifferentLinktypes)
    if (pair.linktype == linktype) return pair.dlt;
  return static_cast<int>(linktype);
}

}  // namespace pkttap
