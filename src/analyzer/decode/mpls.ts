// MPLS label stacks (RFC 3032). The labels don't say what they carry: it is guessed from its first half byte, as routers
// do (RFC 4928 section 3).

import { EtherType, type Layers, type PacketView } from '../../index.js';
import type { Entry } from './entry.js';
import type { DecoderEvent, EventSink } from './events.js';

const LABEL_BYTES = 4;
const CONTROL_WORD = 4;

/** The labels that say of themselves what they carry (RFC 3032 section 2.1). */
const LABEL_IPV4 = 0;
const LABEL_IPV6 = 2;

/** Labels that don't belong at the bottom of a stack. */
const BAD_LABELS: Readonly<Record<number, DecoderEvent>> = {
  1: 'mpls.bad_label_router_alert',
  3: 'mpls.bad_label_implicit_null',
};
const LAST_RESERVED = 14;

/** Behind the label stack at `at`. */
export function enterMpls(packet: PacketView, layers: Layers, at: number, entry: Entry, events: EventSink): boolean {
  let offset = at;
  let label: number;
  do {
    if (layers.end - offset < LABEL_BYTES) return refuse(layers, events, 'mpls.header_too_small');
    label = packet.u32(offset);
    offset += LABEL_BYTES;
  } while ((label & 0x100) === 0);
  return enterPayload(packet, layers, { label: label >>> 12, at: offset }, entry, events);
}

function enterPayload(
  packet: PacketView,
  layers: Layers,
  { label, at }: { readonly label: number; readonly at: number },
  entry: Entry,
  events: EventSink,
): boolean {
  if (label === LABEL_IPV4) return entry.set(at, EtherType.ipv4);
  if (label === LABEL_IPV6) return entry.set(at, EtherType.ipv6);
  if (label <= LAST_RESERVED) {
    events.event(BAD_LABELS[label] ?? 'mpls.bad_label_reserved');
    return false;
  }
  if (layers.end - at < CONTROL_WORD) return refuse(layers, events, 'mpls.pkt_too_small');
  const nibble = packet.u8(at) >> 4;
  if (nibble === 4) return entry.set(at, EtherType.ipv4);
  if (nibble === 6) return entry.set(at, EtherType.ipv6);
  if (nibble === 0) return entry.set(at + CONTROL_WORD, EtherType.ethernet);
  events.event('mpls.unknown_payload_type');
  return false;
}

function refuse(layers: Layers, events: EventSink, name: DecoderEvent): false {
  if (layers.end === layers.wireEnd) events.event(name);
  return false;
}
