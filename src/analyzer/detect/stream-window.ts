// The stretch of a stream that rules look at: bytes are gathered until there are CHUNK_BYTES of them, or until somebody has
// reason to look earlier. Their memory comes from rooms that windows hand on to each other.

import type { Candidates } from './candidates.js';
import type { GroupPart } from './packet-group.js';
import { type Room, Rooms } from './rooms.js';

/** Suricata's stream.reassembly.toserver-chunk-size, without its random part. */
export const CHUNK_BYTES = 2560;

const rooms = new Rooms();
const NOTHING = new Uint8Array(0);

/** One direction. */
export class StreamWindow {
  #room: Room | undefined;
  #length = 0;
  #taken = 0;

  /** Adds bytes. True: there are enough to look at. */
  add(bytes: Uint8Array): boolean {
    const length = this.#length + bytes.length;
    if (this.#room === undefined || length > this.#room.size) this.#grow(length);
    this.#room!.memory.bytes.set(bytes, this.#length);
    this.#length = length;
    return length >= CHUNK_BYTES;
  }

  /** Bytes that wait to be looked at. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that it takes. */
  get memory(): number {
    return this.#room?.size ?? 0;
  }

  /** Bytes of the stream before those that it holds. */
  get offset(): number {
    return this.#taken;
  }

  /** What has been gathered and not been looked at; valid until the next clear(). */
  get bytes(): Uint8Array {
    return this.#room?.memory.bytes.subarray(0, this.#length) ?? NOTHING;
  }

  /** Adds the rules whose patterns lie in it. */
  findIn(part: GroupPart, found: Candidates): void {
    if (this.#room !== undefined) part.find(this.#room.memory, 0, this.#length, found, this.#taken);
  }

  /** What was gathered has been looked at: its memory is another's. */
  clear(): void {
    if (this.#room !== undefined) rooms.giveBack(this.#room);
    this.#room = undefined;
    this.#taken += this.#length;
    this.#length = 0;
  }

  #grow(length: number): void {
    const room = rooms.take(length);
    if (this.#room !== undefined) {
      room.memory.bytes.set(this.bytes);
      rooms.giveBack(this.#room);
    }
    this.#room = room;
  }
}
