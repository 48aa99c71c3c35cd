// pcapng, little-endian, nanoseconds: keeps everything a tap knows of its packets. The file has the sections and
// interfaces of the tap's table, in order and with idle ones, so that every packet has the interface id its source gave
// it. Ids count from 0 in each section (Wireshark shows them so), hence a new section begins where the table's does.

import type { InterfaceInfo } from '../../packet/interface.js';
import type { PacketView } from '../../packet/packet-view.js';
import type { Destination, InterfaceStatistics, SavefileWriter } from '../writer.js';
import { encodeEnhancedPacket, enhancedPacketBytes } from './enhanced-packet.js';
import { interfaceDescription } from './interface-description.js';
import { interfaceStatistics } from './interface-statistics.js';
import { type SavefileOrigin, sectionHeader } from './section-header.js';

const NOTHING = new Uint8Array(0);

export class PcapngWriter implements SavefileWriter {
  missed = 0;
  readonly #interfaces: readonly InterfaceInfo[];
  readonly #sectionHeader: Uint8Array;
  /** The current section describes the table's interfaces from `#first` up to, not including, `#end`. */
  #first = 0;
  #end = 0;
  /** The table's number of the current section; undefined until it has an interface. */
  #section: number | undefined;
  /** How much of the table has been described in any section so far. */
  #known = 0;
  /** What a record needs beside its packet; one object for all of them. */
  readonly #context = { interfaceId: 0, missed: 0 };

  /** `interfaces` is the tap's table: it may grow while packets are written. Each section tells `origin`. */
  constructor(interfaces: readonly InterfaceInfo[], origin: SavefileOrigin = {}) {
    this.#interfaces = interfaces;
    this.#sectionHeader = sectionHeader(origin);
  }

  /** The first section and as many of its interfaces as are known. Later sections wait until packets reach them. */
  header(): Uint8Array {
    const section = this.#interfaces[0]?.section;
    let end = 0;
    while (end < this.#interfaces.length && this.#interfaces[end]!.section === section) end++;
    return Buffer.concat([this.#sectionHeader, this.#describeUntil(end)]);
  }

  preamble(packet: PacketView): Uint8Array | undefined {
    const index = packet.interfaceIndex;
    if (index < this.#end && index >= this.#first) return undefined;
    if (packet.interface.index < this.#first) this.#returnTo(index);
    return this.#describeUntil(index + 1);
  }

  encodedBytes(packet: PacketView): number {
    return enhancedPacketBytes(packet, this.missed);
  }

  encode(packet: PacketView, into: Destination, at: number): number {
    this.#context.interfaceId = packet.interfaceIndex - this.#first;
    this.#context.missed = this.missed;
    return encodeEnhancedPacket(packet, this.#context, into, at);
  }

  /** Interfaces that never had a packet, and the statistics of those in the last section: older ones can't be named. */
  trailer(statistics: readonly InterfaceStatistics[]): Uint8Array {
    const idle = this.#end < this.#known ? NOTHING : this.#describeUntil(this.#interfaces.length);
    const nameable = statistics.filter((each) => each.interfaceIndex >= this.#first && each.interfaceIndex < this.#end);
    return Buffer.concat([
      idle,
      ...nameable.map((each) => interfaceStatistics(each.interfaceIndex - this.#first, each)),
    ]);
  }

  /** The blocks that describe the table from `#end` to `end`; a section header wherever the table changes section. */
  #describeUntil(end: number): Uint8Array {
    const blocks: Uint8Array[] = [];
    for (; this.#end < end; this.#end++) {
      const info = this.#interfaces[this.#end]!;
      if (info.section !== this.#section) {
        if (this.#section !== undefined) blocks.push(this.#sectionHeader);
        this.#section = info.section;
        this.#first = this.#end;
      }
      blocks.push(interfaceDescription(info));
    }
    this.#known = Math.max(this.#known, this.#end);
    return Buffer.concat(blocks);
  }

  /** Goes back to the section of an interface described before (a replay that starts again): it begins anew. */
  #returnTo(index: number): void {
    const { section } = this.#interfaces[index]!;
    let first = index;
    while (first > 0 && this.#interfaces[first - 1]!.section === section) first--;
    this.#end = first;
  }
}
