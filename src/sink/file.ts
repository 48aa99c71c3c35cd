// A savefile on disk, in a pipe or on standard output. Guarantees: whole records only, written by the end of each batch
// so that a reader sees packets as they come (compressed: when there is enough to compress, and at the end); a regular
// file ends on a record boundary even when the disk is full, and is whole as compressed data, too; every packet not
// written is counted; a reader that goes away is an outcome, not an error. One file, one sink, one caller.
//
// Nothing is forced to the disk (fsync), as tcpdump and dumpcap don't: what was written survives the end of this process
// in any way, and a power cut takes what the kernel had not yet written back, usually the last 30 seconds.

import { ClosedError } from '../errors.js';
import type { InterfaceInfo } from '../packet/interface.js';
import type { PacketView } from '../packet/packet-view.js';
import { createWriter } from '../savefile/create-writer.js';
import { type Compression, compressionOf, formatOf, type SavefileFormat } from '../savefile/format.js';
import type { SavefileOrigin } from '../savefile/pcapng/section-header.js';
import type { InterfaceStatistics, SavefileWriter } from '../savefile/writer.js';
import { compressorOf } from './compress.js';
import { openOutlet } from './open-outlet.js';
import { RecordStream } from './record-stream.js';
import { unwritable } from './write-error.js';

/** Where a savefile goes and what it is like. */
export interface FileSinkOptions {
  /** A path, which is created or emptied; or `-`, which takes `fd`. */
  readonly target: string;
  /** The descriptor to write to, for the target `-`. It stays open, unless it can't be opened anew: a socket. */
  readonly fd?: number;
  /** The tap's interface table, the live array itself: it may grow. */
  readonly interfaces: readonly InterfaceInfo[];
  /** Default: by the target's extension, see formatOf. */
  readonly format?: SavefileFormat;
  /** Default: by the target's extension, see compressionOf. */
  readonly compression?: Compression;
  /** pcapng only: what the savefile says of where it comes from. */
  readonly origin?: SavefileOrigin;
  /** Ends the wait for the reader of a named pipe. */
  readonly signal?: AbortSignal;
}

/** `reader-gone`: whoever read the pipe has closed it. There is nobody left to write for, and nothing to report. */
export type SinkOutcome = 'written' | 'reader-gone';

/** One savefile. {@link FileSeries} is many, one after the other. */
export class FileSink {
  readonly #path: string;
  readonly #writer: SavefileWriter;
  readonly #stream: RecordStream;
  /** A new interface's blocks, until a write has made room for them. */
  #preamble: Uint8Array | undefined;
  /** Why the format can't hold a packet that was given. */
  #refusal: { readonly error: unknown } | undefined;
  /** Packets not even encoded: the one refused and all that came after an end. */
  #refused = 0;
  #torn = 0;
  #closed = false;

  private constructor(options: FileSinkOptions, stream: RecordStream) {
    this.#path = options.target;
    this.#writer = createWriter({ ...options, format: options.format ?? formatOf(options.target) });
    this.#stream = stream;
  }

  /**
   * Opens the target and writes what the savefile begins with. Rejects with ERR_TAP_UNWRITABLE, or with the signal's
   * reason. A reader already gone is told by the first write.
   */
  static async open(options: FileSinkOptions): Promise<FileSink> {
    const compressor = compressorOf(options.compression ?? compressionOf(options.target), options.target);
    const sink = new FileSink(options, new RecordStream(await openOutlet(options), compressor));
    await sink.#begin();
    return sink;
  }

  /** Where it goes, as it was given. */
  get path(): string {
    return this.#path;
  }

  /** Packets that the target has taken. */
  get written(): number {
    return this.#stream.written;
  }

  /** Packets it has not: it could not be written, nobody reads it any more, or the format could not hold them. */
  get unwritten(): number {
    return this.#stream.unwritten + this.#refused;
  }

  /** Packets in the file, and those that wait in memory to be compressed with more. */
  get packets(): number {
    return this.#stream.written + this.#stream.held;
  }

  /** Bytes the target has taken and will take for the packets given so far; compressed: has taken. */
  get bytes(): number {
    return this.#stream.bytes;
  }

  /** Packets missed after the last one in the file, of which the file therefore says nothing. */
  get missedSince(): number {
    return this.#writer.missed;
  }

  /** Packets left out because the tap overwrote them while they were copied. */
  get torn(): number {
    return this.#torn;
  }

  /** Notes that packets were missed before the next one written: pcapng says so in the file (epb_dropcount). */
  missed(count: number): void {
    this.#writer.missed += count;
  }

  /**
   * Writes a batch, whose views must stay valid until the result is there. Rejects with ERR_TAP_UNWRITABLE or
   * ERR_TAP_MIXED_LINKTYPES, and again at each later call; the packets before the failure are in the file.
   */
  async write(batch: Iterable<PacketView>): Promise<SinkOutcome> {
    if (this.#closed) throw closed(this.#path);
    for (const packet of batch) {
      if (this.#ended) this.#refused++;
      else if (!this.#append(packet)) await this.#appendAfterFlush(packet);
    }
    await this.#stream.settle();
    return this.#outcome();
  }

  /** Writes what the savefile ends with and closes it. After a failure, which write has reported, it only closes. */
  async close(statistics: readonly InterfaceStatistics[] = []): Promise<SinkOutcome> {
    const whole = !this.#ended && !this.#closed;
    if (!this.#closed) await this.#stream.flush();
    if (whole) await this.#stream.put(this.#writer.trailer(statistics));
    if (!this.#closed) await this.#stream.close();
    this.#closed = true;
    if (whole) return this.#outcome();
    return this.#stream.end === 'reader-gone' ? 'reader-gone' : 'written';
  }

  /** Nothing more can be written. */
  get #ended(): boolean {
    return this.#stream.end !== undefined || this.#refusal !== undefined;
  }

  async #begin(): Promise<void> {
    await this.#stream.put(this.#writer.header());
    if (this.#stream.end === undefined || this.#stream.end === 'reader-gone') return;
    await this.#stream.close();
    this.#outcome();
  }

  /** Puts the packet's record into the buffer. False: there is no room, or a preamble must be written first. */
  #append(packet: PacketView): boolean {
    const { buffer } = this.#stream;
    try {
      this.#preamble = this.#writer.preamble(packet);
      if (this.#preamble !== undefined || !buffer.fits(this.#writer.encodedBytes(packet))) return false;
      this.#keep(packet, this.#writer.encode(packet, buffer.destination, buffer.used));
    } catch (error) {
      this.#refuse(packet, error);
    }
    return true;
  }

  async #appendAfterFlush(packet: PacketView): Promise<void> {
    await this.#stream.flush();
    if (this.#preamble !== undefined) await this.#stream.put(this.#preamble);
    this.#stream.buffer.growTo(this.#writer.encodedBytes(packet));
    if (this.#ended) this.#refused++;
    else this.#append(packet);
  }

  /** A record copied from memory that the tap overwrote meanwhile is not kept; the file says that it is missing. */
  #keep(packet: PacketView, end: number): void {
    if (packet.isIntact()) {
      this.#stream.buffer.keep(end);
      this.#writer.missed = 0;
    } else this.#tear();
  }

  /** What a torn packet says of itself means nothing, and neither does what the writer thinks of it. */
  #refuse(packet: PacketView, error: unknown): void {
    if (packet.isIntact()) {
      this.#refusal = { error };
      this.#refused++;
    } else this.#tear();
  }

  #tear(): void {
    this.#torn++;
    this.#writer.missed++;
  }

  #outcome(): SinkOutcome {
    if (this.#refusal !== undefined) throw this.#refusal.error;
    const { end } = this.#stream;
    if (end === undefined) return 'written';
    if (end === 'reader-gone') return end;
    throw unwritable(this.#path, end, this.unwritten);
  }
}

function closed(path: string): ClosedError {
  return new ClosedError('ERR_TAP_CLOSED', `savefile already closed: path=${path}`, { path });
}
