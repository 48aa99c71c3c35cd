// The handshake messages of one direction, put together from CRYPTO frames (RFC 9000, section 19.6), which come in any
// order, more than once and over several packets. Where they overlap, bytes that came first stand; but a frame that has a whole
// message is believed, as Suricata does: a piece that somebody else sent before would hide it. At most MAX_CRYPTO_BYTES of a
// stream are read, and at most MAX_WAITING pieces wait for what comes before them.

/** Suricata's bound. */
const MAX_CRYPTO_BYTES = 65_535;
const MAX_WAITING = 256;
const HEADER_BYTES = 4;

/** A handshake message of TLS; valid until the next add(). */
export interface HandshakeMessage {
  readonly type: number;
  readonly body: Uint8Array;
}

export class CryptoStream {
  #room = new Uint8Array(2048);
  #length = 0;
  readonly #waiting = new Map<number, Uint8Array>();

  /** Copies what is new. False: it lies beyond all bounds, and is not kept. */
  add(offset: number, bytes: Uint8Array): boolean {
    if (offset + bytes.length > MAX_CRYPTO_BYTES) return false;
    if (offset === 0 && firstMessage(bytes) !== undefined) this.#length = 0;
    if (offset <= this.#length) {
      this.#append(offset, bytes);
      this.#joinWaiting();
    } else if (this.#waiting.size < MAX_WAITING && bytes.length > (this.#waiting.get(offset)?.length ?? 0)) {
      this.#waiting.set(offset, bytes.slice());
    }
    return true;
  }

  /** The first message, once it is whole. */
  message(): HandshakeMessage | undefined {
    return firstMessage(this.#room.subarray(0, this.#length));
  }

  #append(offset: number, bytes: Uint8Array): void {
    const fresh = bytes.subarray(this.#length - offset);
    this.#makeRoom(this.#length + fresh.length);
    this.#room.set(fresh, this.#length);
    this.#length += fresh.length;
  }

  #joinWaiting(): void {
    for (const offset of [...this.#waiting.keys()].sort((a, b) => a - b)) {
      if (offset > this.#length) return;
      this.#append(offset, this.#waiting.get(offset)!);
      this.#waiting.delete(offset);
    }
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#room.length) return;
    const room = new Uint8Array(Math.max(bytes, 2 * this.#room.length));
    room.set(this.#room.subarray(0, this.#length));
    this.#room = room;
  }
}

function firstMessage(bytes: Uint8Array): HandshakeMessage | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const [type, high, middle, low] = bytes;
  const end = HEADER_BYTES + high! * 65_536 + middle! * 256 + low!;
  return end > bytes.length ? undefined : { type: type!, body: bytes.subarray(HEADER_BYTES, end) };
}
