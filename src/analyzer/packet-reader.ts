// Reads packets one by one, whatever they are: those that are not plain, those inside of others, those put together from
// fragments. Everything that is taken from a packet's headers is taken here, before it is known to be intact.

import type { Layers, PacketView } from '../index.js';
import { PacketDecoder } from './decode/decoder.js';
import { Tracking } from './flow/flow-key.js';
import { FlowSighting, type FlowTable } from './flow/flow-table.js';

/** The reader of an analyzer; one object for packet after packet. */
export class PacketReader {
  readonly decoder = new PacketDecoder();
  /** What is known of the packet that was read last. */
  readonly seen = new FlowSighting();
  linktype = 0;
  caplen = 0;
  readonly #flows: FlowTable;

  constructor(flows: FlowTable) {
    this.#flows = flows;
  }

  /** The packet's layers; undefined: it was overwritten meanwhile. Throws only what a closed view throws. */
  read(packet: PacketView): Layers | undefined {
    const { seen } = this;
    try {
      const layers = this.decoder.decode(packet);
      this.linktype = packet.linktype;
      this.caplen = packet.caplen;
      seen.tsSec = packet.tsSec;
      seen.tsNsec = packet.tsNsec;
      seen.interfaceIndex = packet.interfaceIndex;
      seen.key.depth = 0;
      this.#take(packet, layers, packet.origlen);
      return packet.isIntact() ? layers : undefined;
    } catch (error) {
      // Bytes that change while they are read may say anything; those of an intact packet may not.
      if (isClosed(packet) || packet.isIntact()) throw error;
      return undefined;
    }
  }

  /** Those of the packet inside of it; undefined: there is none, or it was overwritten meanwhile. */
  readInner(packet: PacketView): Layers | undefined {
    try {
      const layers = this.decoder.inner(packet);
      if (layers === undefined) return undefined;
      this.seen.key.depth++;
      this.#take(packet, layers, this.decoder.length);
      return packet.isIntact() ? layers : undefined;
    } catch (error) {
      if (packet.isIntact()) throw error;
      return undefined;
    }
  }

  /** Those of a packet that fragments made: with the tags of the last one, and as deep as that lay. */
  readWhole(whole: PacketView): Layers {
    const { key } = this.seen;
    const { depth, vlans } = key;
    const layers = this.decoder.decode(whole);
    key.depth = depth;
    this.#take(whole, layers, whole.origlen, vlans);
    return layers;
  }

  #take(packet: PacketView, layers: Layers, bytes: number, vlans?: number): void {
    const { seen } = this;
    seen.bytes = bytes;
    seen.seq = layers.tcpSeq;
    seen.flags = layers.icmpType < 0 ? layers.tcpFlags : layers.icmpType * 256 + layers.icmpCode + 1;
    seen.tracked = seen.key.take(packet, layers);
    if (vlans !== undefined) seen.key.vlans = vlans;
    if (seen.tracked !== Tracking.none) seen.hash = this.#flows.hash(seen.key);
  }
}

/** A closed view is not intact either, but it is the caller's mistake. */
function isClosed(packet: PacketView): boolean {
  try {
    return packet.caplen < 0;
  } catch {
    return true;
  }
}
