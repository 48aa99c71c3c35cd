// Names for LINKTYPE_* numbers. A linktype says how a packet's first byte is to be read; the numbers are those of
// savefiles (https://www.tcpdump.org/linktypes.html), which never differ between operating systems as DLT_* do.

import { LINKTYPES } from './linktype-table.js';

/** The link types whose packets {@link Layers} can look into. */
export const Linktype = {
  /** BSD loopback: the address family in four bytes, in the byte order of the capturing machine. */
  null: 0,
  ethernet: 1,
  /** Raw IP as libpcap writes it on most systems. */
  rawBsd: 12,
  /** Raw IP as OpenBSD numbers it. */
  rawOpenBsd: 14,
  /** Raw IP, version 4 or 6 by its first half byte. */
  raw: 101,
  /** OpenBSD loopback: the address family in four bytes, big-endian. */
  loop: 108,
  /** Linux cooked capture, version 1: what the `any` device gives. */
  linuxSll: 113,
  ipv4: 228,
  ipv6: 229,
  /** Linux cooked capture, version 2: with the interface's index. */
  linuxSll2: 276,
} as const;

const KNOWN = new Map(LINKTYPES.map(([linktype, name, description]) => [linktype, { name, description }]));

/** The short name as tcpdump prints it, for example `EN10MB`; `LINKTYPE_<n>` for a number without one. */
export function linktypeName(linktype: number): string {
  return KNOWN.get(linktype)?.name ?? `LINKTYPE_${linktype}`;
}

/** The description as tcpdump prints it, for example `Ethernet`; `LINKTYPE_<n>` for a number without one. */
export function linktypeDescription(linktype: number): string {
  return KNOWN.get(linktype)?.description ?? `LINKTYPE_${linktype}`;
}
