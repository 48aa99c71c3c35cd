// A packet of one's own as a chunk, so that packets go one way whoever brings them.

import type { PacketChunk, PacketView } from '../index.js';

/** A chunk of one packet. The object is used for packet after packet. */
export class SinglePacket implements PacketChunk {
  readonly length = 1;
  #packet: PacketView | undefined;

  of(packet: PacketView): this {
    this.#packet = packet;
    return this;
  }

  at(): PacketView {
    return this.#packet!;
  }

  isIntact(): boolean {
    return this.#packet!.isIntact();
  }
}
