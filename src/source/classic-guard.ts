// What stands before a reader of classic pcap that trusts its input: unpacks gzip, refuses what the reader can't read or
// would stumble over (formats, versions, lengths that lie), and tells a cut file from one that ends. Memory: one chunk and
// one record. Source: draft-ietf-opsawg-pcap.

import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SavefileError, type TapErrorCode } from '../errors.js';
import { MAX_CAPLEN } from '../packet/record.js';
import { readFailure } from './savefile-error.js';

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const CAPLEN_AT = 8;
const GZIP_MAGIC = 0x1f8b;
const STDIN = 0;

/** A classic pcap of version 2.4, header checked. */
export class ClassicFile {
  /** What a record's fraction of a second counts, in nanoseconds: 1 or 1000. */
  readonly unitNs: 1 | 1000;
  readonly #bytes: Bytes;
  readonly #bigEndian: boolean;

  /** Opens a file; `-` is standard input. Throws SavefileError; an abort makes reading throw the signal's reason. */
  static async open(path: string, signal: AbortSignal): Promise<ClassicFile> {
    const bytes = new Bytes(path, signal);
    while (bytes.pending.length < FILE_HEADER_BYTES && (await bytes.readMore()));
    return new ClassicFile(bytes);
  }

  private constructor(bytes: Bytes) {
    const { pending: header } = bytes;
    if (header.length === 0) bytes.fail('ERR_TAP_EMPTY_SAVEFILE', 'the file is empty, not even a file header is in it');
    if (header.length < FILE_HEADER_BYTES) bytes.fail('ERR_TAP_CUT_SAVEFILE', 'the file is cut short at byte 0');
    this.#bytes = bytes;
    this.#bigEndian = isMagic(header.readUInt32BE(0));
    const magic = this.#u32(header, 0);
    if (!isMagic(magic))
      bytes.fail('ERR_TAP_NOT_A_SAVEFILE', 'not a classic pcap file, and pcap-parser reads no other');
    this.unitNs = magic === NANOSECONDS ? 1 : 1000;
    const version = [4, 6].map((at) => (this.#bigEndian ? header.readUInt16BE(at) : header.readUInt16LE(at))).join('.');
    if (version !== '2.4') bytes.fail('ERR_TAP_NOT_A_SAVEFILE', `version ${version}, and pcap-parser reads only 2.4`);
  }

  /**
   * The file's header, with the magic of microseconds whatever it was, and then its records, whole ones only. Throws
   * ERR_TAP_DAMAGED_SAVEFILE or ERR_TAP_CUT_SAVEFILE after all that is before the trouble.
   */
  async *chunks(): AsyncGenerator<Buffer> {
    yield this.#header();
    for (;;) {
      const { pending } = this.#bytes;
      const whole = this.#wholeRecords(pending);
      if (whole > 0) yield this.#bytes.take(whole);
      this.#checkCaplen();
      if (!(await this.#bytes.readMore())) break;
    }
    const { pending, offset } = this.#bytes;
    if (pending.length > 0) this.#bytes.fail('ERR_TAP_CUT_SAVEFILE', `the file is cut short at byte ${offset}`);
  }

  #header(): Buffer {
    const header = Buffer.from(this.#bytes.take(FILE_HEADER_BYTES));
    if (this.#bigEndian) header.writeUInt32BE(MICROSECONDS, 0);
    else header.writeUInt32LE(MICROSECONDS, 0);
    return header;
  }

  /** Bytes of the whole records that the bytes begin with. */
  #wholeRecords(bytes: Buffer): number {
    let end = 0;
    while (end + RECORD_HEADER_BYTES <= bytes.length) {
      const caplen = this.#u32(bytes, end + CAPLEN_AT);
      const next = end + RECORD_HEADER_BYTES + caplen;
      if (caplen > MAX_CAPLEN || next > bytes.length) break;
      end = next;
    }
    return end;
  }

  /** Attack: a length that is never reached would make the parser collect the rest of the file, at quadratic cost. */
  #checkCaplen(): void {
    const { pending, offset } = this.#bytes;
    if (pending.length < RECORD_HEADER_BYTES) return;
    const caplen = this.#u32(pending, CAPLEN_AT);
    if (caplen <= MAX_CAPLEN) return;
    const what = `the file is damaged at byte ${offset}: caplen=${caplen} exceeds ${MAX_CAPLEN}`;
    this.#bytes.fail('ERR_TAP_DAMAGED_SAVEFILE', what);
  }

  #u32(bytes: Buffer, at: number): number {
    return this.#bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
  }
}

function isMagic(value: number): boolean {
  return value === MICROSECONDS || value === NANOSECONDS;
}

/** The unpacked bytes of a file that were read and not yet taken. */
class Bytes {
  pending: Buffer = Buffer.alloc(0);
  /** Of `pending`, from the unpacked file's beginning. */
  offset = 0;
  readonly #path: string;
  readonly #signal: AbortSignal;
  readonly #chunks: AsyncIterator<Buffer>;

  constructor(path: string, signal: AbortSignal) {
    this.#path = path;
    this.#signal = signal;
    const file = path === '-' ? { path: '', fd: STDIN, autoClose: false } : { path };
    this.#chunks = unpack(createReadStream(file.path, { ...file, signal }))[Symbol.asyncIterator]();
  }

  /** False at the end. */
  async readMore(): Promise<boolean> {
    try {
      const { done, value } = await this.#chunks.next();
      if (done !== true) this.pending = Buffer.concat([this.pending, value]);
      return done !== true;
    } catch (error) {
      this.#signal.throwIfAborted();
      throw this.#explain(error as NodeJS.ErrnoException);
    }
  }

  take(bytes: number): Buffer {
    const taken = this.pending.subarray(0, bytes);
    this.pending = this.pending.subarray(bytes);
    this.offset += bytes;
    return taken;
  }

  fail(code: TapErrorCode, what: string): never {
    const { offset: byteOffset } = this;
    throw new SavefileError(code, `${this.#name}: ${what}`, { path: this.#path, byteOffset });
  }

  get #name(): string {
    return this.#path === '-' ? 'standard input' : this.#path;
  }

  /** zlib's errors have codes of their own: Z_BUF_ERROR is an end that came too early. */
  #explain(cause: NodeJS.ErrnoException): SavefileError {
    const path = this.#path;
    const byteOffset = this.offset + this.pending.length;
    if (cause.code?.startsWith('Z_') !== true) return readFailure(this.#name, { path, byteOffset, errno: cause.code! });
    const code = cause.code === 'Z_BUF_ERROR' ? 'ERR_TAP_CUT_SAVEFILE' : 'ERR_TAP_DAMAGED_SAVEFILE';
    const what = `gzip: ${cause.message}, after ${byteOffset} unpacked bytes`;
    return new SavefileError(code, `${this.#name}: ${what}`, { path, byteOffset, cause });
  }
}

async function* unpack(file: Readable): AsyncGenerator<Buffer> {
  const chunks = file[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;
  const first = await chunks.next();
  if (first.done) return;
  const all = rejoin(first.value, chunks);
  const isPacked = first.value.length >= 2 && first.value.readUInt16BE(0) === GZIP_MAGIC;
  // An error on the way comes out of the end that is read.
  yield* isPacked ? pipeline(Readable.from(all), createGunzip(), () => {}) : all;
}

async function* rejoin(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}
