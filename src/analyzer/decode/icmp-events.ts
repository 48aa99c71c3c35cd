// What is wrong with an ICMP message (RFC 792), by Suricata's names: types and codes that it doesn't know
// (https://www.iana.org/assignments/icmp-parameters), and packets quoted in errors that aren't there.

import type { Layers, PacketView } from '../../index.js';
import type { EventSink } from './events.js';

const Type = {
  unreachable: 3,
  quench: 4,
  redirect: 5,
  routerAdvertisement: 9,
  timeExceeded: 11,
  parameter: 12,
  timestamp: 13,
  timestampReply: 14,
} as const;

/** The largest code of each type. */
const LARGEST_CODE: Readonly<Record<number, number>> = {
  0: 0,
  3: 15,
  4: 0,
  5: 3,
  8: 0,
  9: 255,
  11: 1,
  12: 0,
  13: 0,
  14: 0,
  15: 0,
  16: 0,
  17: 0,
  18: 0,
};

const HEADER = 8;
const IPV4_HEADER = 20;
const TIMESTAMPS = 12;

/** Tells of the message at the transport's place. */
export function tellIcmp(packet: PacketView, layers: Layers, events: EventSink): void {
  const { icmpType: type, icmpCode: code, l4Length } = layers;
  if (l4Length < HEADER) return events.event('icmpv4.pkt_too_small');
  const largest = LARGEST_CODE[type];
  if (largest === undefined) return events.event('icmpv4.unknown_type');
  if (code > largest) return events.event('icmpv4.unknown_code');
  if (layers.end === layers.wireEnd) tellRest(packet, layers, events);
}

function tellRest(packet: PacketView, layers: Layers, events: EventSink): void {
  const at = layers.l4Offset + HEADER;
  const left = layers.end - at;
  switch (layers.icmpType) {
    case Type.unreachable:
    case Type.redirect:
    case Type.timeExceeded:
    case Type.parameter:
      if (left > 0) tellQuoted(packet, at, left, events);
      break;
    case Type.quench:
      tellQuoted(packet, at, left, events);
      break;
    case Type.timestamp:
    case Type.timestampReply:
      if (left < TIMESTAMPS) events.event('icmpv4.ipv4_trunc_pkt');
      break;
    case Type.routerAdvertisement:
      if (!isAdvertisement(packet, at, left)) events.event('icmpv4.ipv4_trunc_pkt');
  }
}

function tellQuoted(packet: PacketView, at: number, left: number, events: EventSink): void {
  if (left < IPV4_HEADER) events.event('icmpv4.ipv4_trunc_pkt');
  else if (packet.u8(at) >> 4 !== 4) events.event('icmpv4.ipv4_unknown_ver');
}

/** As many addresses as it says, each with its preference (RFC 1256). */
function isAdvertisement(packet: PacketView, at: number, left: number): boolean {
  const addresses = packet.u8(at - 4);
  return packet.u8(at - 3) === 2 && addresses * 8 <= left;
}
