// Puts fragmented IP packets together. Where fragments overlap, the byte that came first stands, and that is an event.
// Packets that don't become whole within a minute are forgotten, the oldest ones sooner when there are too many. A whole
// packet begins with an IP header without options or extension headers and goes through decoding as if it had come so.

import { type InterfaceInfo, type Layers, Linktype, makePacket, type PacketView } from '../../index.js';
import type { EventSink } from './events.js';
import { Fragment } from './fragment.js';
import { onesComplementSum } from './ipv4-checksum.js';

/** Suricata's defaults (suricata.yaml, defrag): seconds, packets and bytes. */
const TIMEOUT_SECONDS = 60;
const MAX_PACKETS = 65_535;
const MAX_BYTES = 32 << 20;

/** What a fragment costs beside its bytes: the objects that hold it. */
const OVERHEAD = 256;
const MAX_IP_BYTES = 65_535;

/** Bytes of a packet's fragmented part, from `start` on. */
interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** A packet that is not whole yet. */
interface Partial {
  readonly firstSec: number;
  /** Where what becomes of it is counted. */
  readonly counts: DefragCounts;
  /** By place, without overlaps. */
  readonly pieces: Piece[];
  cost: number;
  received: number;
  /** Length of the fragmented part, once its last fragment came. */
  total: number | undefined;
  /** Of the first fragment: what the whole packet begins with. */
  protocol: number;
  ttl: number;
}

/** What became of the fragments of one IP version. */
export class DefragCounts {
  fragments = 0;
  /** Packets that became whole. */
  reassembled = 0;
  /** Packets that were forgotten because of their age. */
  timeouts = 0;
}

/** The packets that are being put together. */
export class Defragmenter {
  readonly ipv4 = new DefragCounts();
  readonly ipv6 = new DefragCounts();
  readonly #partials = new Map<string, Partial>();
  readonly #fragment = new Fragment();
  readonly #raw: InterfaceInfo[] = [];
  readonly #events: EventSink;
  #cost = 0;
  #forced = 0;

  constructor(events: EventSink) {
    this.#events = events;
  }

  /** Packets forgotten for lack of room. */
  get forced(): number {
    return this.#forced;
  }

  /** Bytes of memory in use. */
  get memory(): number {
    return this.#cost;
  }

  /** Takes a fragment. The whole packet if it was the last that was missing: of linktype RAW, with the time of this one. */
  add(packet: PacketView, layers: Layers, vlans: number): PacketView | undefined {
    const counts = layers.ipVersion === 4 ? this.ipv4 : this.ipv6;
    counts.fragments++;
    const now = packet.tsSec;
    this.#forgetOld(now);
    const fragment = this.#fragment;
    if (!fragment.fill(packet, layers, vlans)) return undefined;
    const { key, start, length, isLast, headers } = fragment;
    if (headers + start + length > MAX_IP_BYTES) {
      this.#events.event(fragment.ipVersion === 4 ? 'ipv4.frag_pkt_too_large' : 'ipv6.frag_pkt_too_large');
      return undefined;
    }
    // A copy, of which nothing is believed if the packet was overwritten meanwhile.
    const bytes = packet.data.slice(fragment.offset, fragment.offset + length);
    if (!packet.isIntact()) return undefined;
    this.#makeRoom();
    const partial = this.#partials.get(key) ?? this.#begin(key, now, counts);
    if (isLast) partial.total ??= start + length;
    if (start === 0) this.#setHeader(partial);
    this.#insert(partial, bytes);
    if (partial.total === undefined || partial.received < partial.total || !startsAtZero(partial)) return undefined;
    this.#drop(key, partial);
    counts.reassembled++;
    return this.#whole(partial, packet, layers);
  }

  #makeRoom(): void {
    for (const [oldest, partial] of this.#partials) {
      if (this.#partials.size < MAX_PACKETS && this.#cost < MAX_BYTES) return;
      this.#forced++;
      this.#drop(oldest, partial);
    }
  }

  #begin(key: string, firstSec: number, counts: DefragCounts): Partial {
    const partial: Partial = {
      firstSec,
      counts,
      pieces: [],
      cost: 0,
      received: 0,
      total: undefined,
      protocol: 0,
      ttl: 0,
    };
    this.#partials.set(key, partial);
    this.#charge(partial, OVERHEAD);
    return partial;
  }

  #setHeader(partial: Partial): void {
    partial.protocol = this.#fragment.protocol;
    partial.ttl = this.#fragment.ttl;
  }

  /** Those bytes that are not there yet. */
  #insert(partial: Partial, bytes: Uint8Array): void {
    const { pieces } = partial;
    const end = this.#fragment.start + bytes.length;
    let at = this.#fragment.start;
    let place = placeOf(pieces, at);
    if ((pieces[place]?.start ?? end) < end) {
      this.#events.event(this.#fragment.ipVersion === 4 ? 'ipv4.frag_overlap' : 'ipv6.frag_overlap');
    }
    for (; at < end; place++) {
      const next = pieces[place];
      const free = Math.min(next?.start ?? end, end);
      if (free > at) {
        const from = at - this.#fragment.start;
        const isAll = free - at === bytes.length;
        this.#put(partial, place++, { start: at, bytes: isAll ? bytes : bytes.slice(from, from + free - at) });
      }
      at = next === undefined ? end : endOf(next);
    }
  }

  #put(partial: Partial, place: number, piece: Piece): void {
    partial.pieces.splice(place, 0, piece);
    partial.received += piece.bytes.length;
    this.#charge(partial, OVERHEAD + piece.bytes.length);
  }

  #charge(partial: Partial, cost: number): void {
    partial.cost += cost;
    this.#cost += cost;
  }

  #drop(key: string, partial: Partial): void {
    this.#partials.delete(key);
    this.#cost -= partial.cost;
  }

  /** The map keeps them by age, but for time that goes back: then they stay until it has caught up. */
  #forgetOld(now: number): void {
    for (const [key, partial] of this.#partials) {
      if (now - partial.firstSec < TIMEOUT_SECONDS) return;
      partial.counts.timeouts++;
      this.#drop(key, partial);
    }
  }

  #whole(partial: Partial, packet: PacketView, layers: Layers): PacketView {
    const header = layers.ipVersion === 4 ? ipv4Header(partial, packet, layers) : ipv6Header(partial, packet, layers);
    const data = new Uint8Array(header.length + partial.total!);
    data.set(header);
    // Bytes beyond the last fragment's end don't belong to the packet.
    for (const { start, bytes } of partial.pieces) {
      if (start < partial.total!) data.set(bytes.subarray(0, partial.total! - start), header.length + start);
    }
    return makePacket({ data, tsNs: packet.tsNs, interface: this.#rawInterface(packet), flowHash: packet.flowHash });
  }

  #rawInterface(packet: PacketView): InterfaceInfo {
    this.#raw[packet.interfaceIndex] ??= { ...packet.interface, linktype: Linktype.raw };
    return this.#raw[packet.interfaceIndex]!;
  }
}

/** Whether nothing is missing: pieces don't overlap, so that their sum is enough if they begin at the beginning. */
function startsAtZero({ pieces, total }: Partial): boolean {
  let at = 0;
  for (const piece of pieces) {
    if (piece.start !== at) return at >= total!;
    at = endOf(piece);
  }
  return true;
}

/** Index of the first that ends beyond this place. Fragments mostly come in order: it is looked for from the end. */
function placeOf(pieces: readonly Piece[], at: number): number {
  let place = pieces.length;
  while (place > 0 && endOf(pieces[place - 1]!) > at) place--;
  return place;
}

function endOf({ start, bytes }: Piece): number {
  return start + bytes.length;
}

/** Its checksum is right, if that of the fragment was. */
function ipv4Header(partial: Partial, packet: PacketView, { l3Offset, l4Offset }: Layers): Uint8Array {
  const isRight = onesComplementSum(packet.data.subarray(l3Offset, l4Offset)) === 0xffff;
  const header = packet.data.slice(l3Offset, l3Offset + 20);
  const view = new DataView(header.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, 20 + partial.total!);
  // Neither a fragment nor the first of several.
  view.setUint16(6, 0);
  view.setUint8(8, partial.ttl);
  view.setUint8(9, partial.protocol);
  if (isRight) {
    view.setUint16(10, 0);
    view.setUint16(10, 0xffff - onesComplementSum(header));
  }
  return header;
}

function ipv6Header(partial: Partial, packet: PacketView, { l3Offset }: Layers): Uint8Array {
  const header = packet.data.slice(l3Offset, l3Offset + 40);
  const view = new DataView(header.buffer);
  view.setUint16(4, partial.total!);
  view.setUint8(6, partial.protocol);
  view.setUint8(7, partial.ttl);
  return header;
}
