// The body of an HTTP message: how long it is, and, if somebody wants to look into it, its first MAX_BODY_BYTES,
// decompressed when they are asked for.

import { brotliDecompressSync, constants, inflateRawSync, unzipSync } from 'node:zlib';
import { KeptBytes } from '../kept-bytes.js';

/** As much of a body is kept, as Suricata does. */
const MAX_BODY_BYTES = 102_400;
/** What a body may grow to: beyond it is a bomb, and is looked at as it came. */
const MAX_DECOMPRESSED_BYTES = 1_048_576;

const LENIENT = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_DECOMPRESSED_BYTES };
const LENIENT_BROTLI = {
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
  maxOutputLength: MAX_DECOMPRESSED_BYTES,
};

/** Of a body that goes on, rules look at so much more each time: Suricata's minimal-inspect-size. */
const LOOK_BYTES = 32_768;

const NOTHING = new Uint8Array(0);

export class HttpBody {
  /** Bytes on the wire, lost ones and those that frame chunks among them, as Suricata counts. */
  length = 0;
  /** Undefined while nothing is kept. */
  #kept: KeptBytes | undefined;
  #shown = 0;
  #decoded: Uint8Array | undefined;

  /** So many bytes are announced. */
  expect(bytes: number): void {
    this.#kept ??= new KeptBytes(MAX_BODY_BYTES);
    this.#kept.expect(bytes);
  }

  /** Counts a piece, and copies it. */
  add(piece: Uint8Array): void {
    this.length += piece.length;
    this.#kept ??= new KeptBytes(MAX_BODY_BYTES);
    if (this.#kept.add(piece) > 0) this.#decoded = undefined;
  }

  /** Whether there is enough that was not looked at; `isAll`: no more comes. */
  isDue(isAll: boolean): boolean {
    return this.#keptBytes - this.#shown >= (isAll ? 1 : LOOK_BYTES);
  }

  /** Whoever wants to has looked at what is kept. */
  setShown(): void {
    this.#shown = this.#keptBytes;
  }

  /** Nobody looks at it any more. */
  letGo(): void {
    this.#kept?.letGo();
    this.#decoded = undefined;
  }

  /** Bytes of the whole body, decompressed where all of it was kept. */
  size(encoding: string | undefined): number {
    return this.#keptBytes < MAX_BODY_BYTES ? this.bytes(encoding).length : this.length;
  }

  get #keptBytes(): number {
    return this.#kept?.length ?? 0;
  }

  /** What is kept, by the message's Content-Encoding; as it came where that is unknown or a lie. */
  bytes(encoding: string | undefined): Uint8Array {
    const raw = this.#kept?.bytes ?? NOTHING;
    this.#decoded ??= raw.length === 0 ? raw : decoded(raw, encoding?.trim().toLowerCase());
    return this.#decoded;
  }
}

function decoded(raw: Uint8Array, encoding: string | undefined): Uint8Array {
  try {
    if (encoding === 'gzip' || encoding === 'x-gzip') return unzipSync(raw, LENIENT);
    if (encoding === 'deflate') return isZlib(raw) ? unzipSync(raw, LENIENT) : inflateRawSync(raw, LENIENT);
    return encoding === 'br' ? brotliDecompressSync(raw, LENIENT_BROTLI) : raw;
  } catch {
    return raw;
  }
}

/** Some servers send deflate without the header that the standard asks for. */
function isZlib(raw: Uint8Array): boolean {
  return (raw[0]! & 15) === 8 && (raw[0]! * 256 + (raw[1] ?? 0)) % 31 === 0;
}
