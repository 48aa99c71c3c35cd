// What is wrong with an ICMPv6 message (RFC 4443), by Suricata's names: types and codes that it doesn't know
// (https://www.iana.org/assignments/icmpv6-parameters), packets quoted in errors that aren't there, and messages that must
// not have come through a router.

import type { Layers, PacketView } from '../../index.js';
import type { EventSink } from './events.js';

const HEADER = 8;
const IPV6_HEADER = 40;
const LAST_ERROR = 4;
const FIRST_LISTENER = 130;
const LAST_LISTENER = 132;

/** The largest code of each type that has one. */
const LARGEST_CODE: Readonly<Record<number, number>> = { 1: 6, 2: 0, 3: 1, 4: 2, 139: 2, 140: 2 };
/** Types of which the codes are not looked at: 150 to 153. */
const FIRST_FREE = 150;
const LAST_FREE = 153;

const RENUMBERING = 138;
const ROUTING_RPL = 155;

/** Tells of the message at the transport's place. */
export function tellIcmpv6(packet: PacketView, layers: Layers, events: EventSink): void {
  const { icmpType: type, icmpCode: code } = layers;
  if (layers.l4Length < HEADER) return events.event('icmpv6.pkt_too_small');
  if (type === 0 || type === 127) return events.event('icmpv6.unknown_type');
  if (isExperiment(type)) return events.event('icmpv6.experimentation_type');
  if (isUnassigned(type)) return events.event('icmpv6.unassigned_type');
  const isFromAfar = type >= FIRST_LISTENER && type <= LAST_LISTENER && packet.u8(layers.l3Offset + 7) !== 1;
  if (!isCode(type, code)) events.event('icmpv6.unknown_code');
  else if (type <= LAST_ERROR && layers.end === layers.wireEnd) tellQuoted(packet, layers, events);
  if (isFromAfar) events.event('icmpv6.mld_message_with_invalid_hl');
}

function isExperiment(type: number): boolean {
  return type === 100 || type === 101 || type === 200 || type === 201;
}

function isUnassigned(type: number): boolean {
  return (type > LAST_ERROR && type < 127) || type >= 160;
}

function isCode(type: number, code: number): boolean {
  if (type >= FIRST_FREE && type <= LAST_FREE) return true;
  if (type === RENUMBERING) return code <= 2 || code === 255;
  // Four messages, and the same secured (RFC 6550 section 6).
  if (type === ROUTING_RPL) return code <= 3 || (code >= 128 && code <= 132);
  return code <= (LARGEST_CODE[type] ?? 0);
}

function tellQuoted(packet: PacketView, layers: Layers, events: EventSink): void {
  const at = layers.l4Offset + HEADER;
  const left = layers.end - at;
  if (left >= IPV6_HEADER) {
    if (packet.u8(at) >> 4 !== 6) events.event('icmpv6.ipv6_unknown_version');
  } else if (left >= 0) events.event('icmpv6.ipv6_trunc_pkt');
}
