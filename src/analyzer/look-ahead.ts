// Takes what an analyzer needs of all packets of a chunk before any of them is looked at. So one check says of all of them that
// they were intact; and the processor waits for their bytes, and for what is known of their flows, once for many packets
// instead of once for each.

import type { PacketChunk } from '../index.js';
import type { FlowTable } from './flow/flow-table.js';
import type { ShareOwner } from './flow/share-owner.js';
import { SightedPacket } from './sighted-packet.js';

/** The most packets of a chunk. */
const MAX_PACKETS = 64;

/** The packets of one chunk as they were taken; valid until the next. */
export class LookAhead {
  readonly #flows: FlowTable;
  readonly #owner: ShareOwner | undefined;
  readonly #packets = Array.from({ length: MAX_PACKETS }, () => new SightedPacket());
  readonly #hashes = new Int32Array(MAX_PACKETS);
  #isIntact = true;

  /** `owner`: where there are several analyzers. */
  constructor(flows: FlowTable, owner?: ShareOwner) {
    this.#flows = flows;
    this.#owner = owner;
  }

  /** Takes the plain ones of these packets. Throws only what the views throw when they are closed. */
  take(chunk: PacketChunk): void {
    let count = 0;
    for (let i = 0; i < chunk.length; i++) {
      const sighted = this.#packets[i]!;
      if (!sighted.takePlain(chunk.at(i), this.#owner)) continue;
      sighted.seen.hash = this.#flows.hash(sighted.seen.key);
      this.#hashes[count++] = sighted.seen.hash;
    }
    this.#isIntact = chunk.isIntact();
    if (count > 1) this.#flows.touch(this.#hashes, count);
  }

  /** What was taken of a packet; undefined: it is not plain, or may have been overwritten, and has to be read by itself. */
  plain(index: number): SightedPacket | undefined {
    const sighted = this.#packets[index]!;
    return this.#isIntact && sighted.isPlain ? sighted : undefined;
  }
}
