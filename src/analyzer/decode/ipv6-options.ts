// What is wrong with the options of a hop-by-hop or destination header (RFC 8200 section 4.2), by Suricata's names.

import type { PacketView } from '../../index.js';
import type { DecoderEvent, EventSink } from './events.js';

const PAD_ONE = 0;
const PAD = 1;

const JUMBO = 194;
const HOME = 201;

/** Lengths of the options that are known: router alert, jumbo payload, home address. */
const LENGTHS: Readonly<Record<number, number>> = { 5: 2, [JUMBO]: 4, [HOME]: 16 };

/** Names of what the two headers have alike. */
export interface OptionNames {
  readonly unknown: DecoderEvent;
  readonly padding: DecoderEvent;
}

/** Tells of the options of the header at `start`, which is whole. */
export function tellIpv6Options(packet: PacketView, start: number, names: OptionNames, events: EventSink): void {
  const end = start + (packet.u8(start + 1) + 1) * 8;
  let hasPadding = false;
  let hasOthers = false;
  for (let at = start + 2; at < end; ) {
    const kind = packet.u8(at);
    if (kind === PAD_ONE) {
      hasPadding = true;
      at++;
      continue;
    }
    const length = end - at < 2 ? end : packet.u8(at + 1);
    if (at + 2 + length > end) {
      events.event('ipv6.exthdr_invalid_optlen');
      break;
    }
    if (kind === PAD) {
      hasPadding = true;
      if (length === 0) events.event('ipv6.zero_len_padn');
    } else {
      if (LENGTHS[kind] === undefined) events.event(names.unknown);
      else if (LENGTHS[kind] !== length) return kind === HOME ? events.event('ipv6.exthdr_invalid_optlen') : undefined;
      // A length of the packet is no message to anybody: with padding alone beside it, the header still says nothing.
      hasOthers ||= kind !== JUMBO;
    }
    at += 2 + length;
  }
  if (hasPadding && !hasOthers) events.event(names.padding);
}
