// Savefiles one after the other, as dumpcap's -b makes them: each a whole savefile with all that describes its packets, of
// the size asked for, all of them or the newest. Also the one savefile that ends when it is full (-a). No packet is lost
// between two files. What a FileSink guarantees of its file holds for each: a disk that fills up leaves whole files,
// and no empty one of ours.

import { unlink } from 'node:fs/promises';
import { SavefileError } from '../errors.js';
import type { PacketView } from '../packet/packet-view.js';
import type { InterfaceStatistics } from '../savefile/writer.js';
import { FileSink, type FileSinkOptions, type SinkOutcome } from './file.js';
import { checkLimits, checkWhole, type FileLimits, isFull } from './file-limits.js';
import { Portion } from './portion.js';
import { seriesName } from './series-name.js';
import { unwritable } from './write-error.js';

/** How many files there are, and what they are called: `target` with a number and a time, see seriesName. */
export interface Rotation {
  /** Only so many of the newest files are kept; an older one is removed before the next is begun. Default: all. */
  readonly keep?: number;
  /** The series ends when so many files are full. Default: never. */
  readonly files?: number;
}

/** Where the savefiles go, what they are like, and when one is full. */
export interface FileSeriesOptions extends FileSinkOptions {
  readonly limits: FileLimits;
  /** Left out: there is one file, called `target`, and the series ends when it is full. */
  readonly rotation?: Rotation;
  /** Asked for what each file ends with. */
  readonly statistics?: () => readonly InterfaceStatistics[];
}

/** `full`: the last file is, and takes no more. */
export type SeriesOutcome = SinkOutcome | 'full';

/** Savefiles one after the other, of which one is open. Use it as a {@link FileSink}. */
export class FileSeries {
  readonly #options: FileSeriesOptions;
  /** Paths of the files that were not removed, the oldest first. */
  readonly #kept: string[] = [];
  #file!: FileSink;
  #files = 0;
  /** When the current file was begun, by performance.now(). */
  #begunMs = 0;
  /** Packets of the files before the current one. */
  #writtenBefore = 0;
  #tornBefore = 0;
  /** Packets that no file was asked to take, because the next one could not be begun. */
  #homeless = 0;
  #failure: unknown;
  #full = false;

  private constructor(options: FileSeriesOptions) {
    this.#options = options;
  }

  /**
   * Opens the first file. Rejects as FileSink.open does, with TypeError for files of the target `-`, which has no name to
   * number, and with RangeError for limits and counts below 1.
   */
  static async open(options: FileSeriesOptions): Promise<FileSeries> {
    const { limits, rotation, target } = options;
    checkLimits(limits);
    checkWhole('rotation.keep', rotation?.keep);
    checkWhole('rotation.files', rotation?.files);
    if (rotation !== undefined && target === '-') throw new TypeError("target '-' is one stream: it has no files");
    const series = new FileSeries(options);
    await series.#begin();
    return series;
  }

  /** The current file. */
  get path(): string {
    return this.#file.path;
  }

  /** Files begun so far, the removed ones included. */
  get files(): number {
    return this.#files;
  }

  /** Packets that the files have taken, the removed ones included. */
  get written(): number {
    return this.#writtenBefore + this.#file.written;
  }

  /** Packets in the files, the removed ones included, and those that wait in memory to be compressed with more. */
  get packets(): number {
    return this.#writtenBefore + this.#file.packets;
  }

  /** Packets given that no file has: it could not be written, or its format could not hold them. */
  get unwritten(): number {
    return this.#file.unwritten + this.#homeless;
  }

  /** Packets left out because the tap overwrote them while they were copied. */
  get torn(): number {
    return this.#tornBefore + this.#file.torn;
  }

  /** When the current file's time is up, by performance.now(): call write by then, without packets if there are none. */
  get dueMs(): number {
    return this.#begunMs + (this.#options.limits.seconds ?? Infinity) * 1000;
  }

  /** Notes that packets were missed before the next one written: pcapng says so in the file (epb_dropcount). */
  missed(count: number): void {
    this.#file.missed(count);
  }

  /**
   * Writes a batch, which may be empty: then it only looks at the clock. Its views must stay valid until the result is
   * there. After `full`, the packets left in the batch are neither written nor counted. Rejects as FileSink.write does, and
   * again at each later call.
   */
  async write(batch: Iterable<PacketView>): Promise<SeriesOutcome> {
    const portion = new Portion(batch, () => this.#isFull());
    try {
      if (this.#failure !== undefined) throw this.#failure;
      return await this.#writePortions(portion);
    } catch (error) {
      this.#homeless += portion.drain();
      this.#failure = this.#retell(error);
      throw this.#failure;
    }
  }

  /** Ends the last file. After a failure, which write has reported, it only closes. */
  async close(): Promise<SinkOutcome> {
    return await this.#file.close(this.#options.statistics?.());
  }

  async #writePortions(portion: Portion): Promise<SeriesOutcome> {
    for (;;) {
      if ((this.#isFull() || performance.now() >= this.dueMs) && !(await this.#next())) return 'full';
      if (portion.over) return 'written';
      const outcome = await this.#file.write(portion);
      if (outcome !== 'written') return outcome;
      if (portion.over && !this.#isFull()) return 'written';
    }
  }

  #isFull(): boolean {
    return isFull(this.#file, this.#options.limits);
  }

  /** Ends the file and begins another. False: that was the last. */
  async #next(): Promise<boolean> {
    const { rotation } = this.#options;
    this.#full ||= this.#files >= (rotation === undefined ? 1 : (rotation.files ?? Infinity));
    if (this.#full) return false;
    const ended = this.#file;
    await ended.close(this.#options.statistics?.());
    await this.#removeOldest();
    await this.#begin();
    this.#writtenBefore += ended.written;
    this.#tornBefore += ended.torn;
    this.#file.missed(ended.missedSince);
    return true;
  }

  async #begin(): Promise<void> {
    const { target, rotation } = this.#options;
    const path = rotation === undefined ? target : seriesName(target, this.#files + 1, new Date());
    this.#file = await this.#create(path);
    this.#files++;
    this.#kept.push(path);
    this.#begunMs = performance.now();
  }

  /** A file of which not even the beginning could be written is no savefile, and is removed if its name is ours. */
  async #create(path: string): Promise<FileSink> {
    try {
      return await FileSink.open({ ...this.#options, target: path });
    } catch (error) {
      const created = error instanceof SavefileError && error.syscall !== 'open';
      if (created && this.#options.rotation !== undefined) await unlink(path).catch(() => {});
      throw error;
    }
  }

  /** Makes room before the next file needs it. A file that somebody has taken away already is fine. */
  async #removeOldest(): Promise<void> {
    if (this.#kept.length < (this.#options.rotation?.keep ?? Infinity)) return;
    await unlink(this.#kept.shift()!).catch(() => {});
  }

  /** The system's error with the count of all packets that it cost, not only the current file's. */
  #retell(error: unknown): unknown {
    const { path, cause } = error as SavefileError;
    if (!(error instanceof SavefileError) || path === undefined || !(cause instanceof Error)) return error;
    return unwritable(path, cause, this.unwritten);
  }
}
