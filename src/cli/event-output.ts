// Where an analyzer's events go, a line each: standard output, a file, or a Unix socket. Gathered, and written a batch at a
// time. Lines that can't be written are counted, and why is told.

import { EventFile } from './event-file.js';
import { EventSocket } from './event-socket.js';
import { print } from './output.js';

/** One kind of place for lines. */
export interface EventTarget {
  /** Takes whole lines, so many. False: nobody reads any more. Throws ERR_TAP_UNWRITABLE. */
  write(bytes: Uint8Array, lines: number): Promise<boolean>;
  /** Lines that were taken, and that nobody will get. */
  readonly dropped: number;
  /** Begins anew under its name: somebody has moved the file away. Throws ERR_TAP_UNWRITABLE. */
  reopen?(): void;
  close(): Promise<void>;
}

/** What goes before the path of a Unix socket. */
const SOCKET_PREFIX = 'unix:';

/** One place, and what is on its way there. */
export class EventOutput {
  readonly path: string;
  readonly #target: EventTarget;
  #waiting: Uint8Array[] = [];
  #waitingLines = 0;
  #unwritten = 0;
  /** A target that failed, and said so, is not tried again. */
  #hasFailed = false;

  private constructor(path: string, target: EventTarget) {
    this.path = path;
    this.#target = target;
  }

  /**
   * `-`: standard output. `unix:PATH`: a socket of streams, on which somebody listens. Else a file, which is created, or
   * appended to, as eve.json is. Throws ERR_TAP_UNWRITABLE.
   */
  static async open(path: string): Promise<EventOutput> {
    return new EventOutput(path, await openTarget(path));
  }

  /** Adds whole lines, so many. The bytes are copied. */
  add(lines: Uint8Array, count: number): void {
    this.#waiting.push(Uint8Array.from(lines));
    this.#waitingLines += count;
  }

  /** Lines that nobody will get. */
  get dropped(): number {
    return this.#unwritten + this.#target.dropped;
  }

  /** Writes what was added. False: nobody reads any more. Throws ERR_TAP_UNWRITABLE, once. */
  async flush(): Promise<boolean> {
    const lines = this.#waitingLines;
    const bytes = Buffer.concat(this.#waiting.splice(0));
    this.#waitingLines = 0;
    if (this.#hasFailed) {
      this.#unwritten += lines;
      return false;
    }
    if (lines === 0) return true;
    try {
      return await this.#target.write(bytes, lines);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  /** Begins a file anew under its name. Throws ERR_TAP_UNWRITABLE; then it goes on with the old one. */
  reopen(): void {
    this.#target.reopen?.();
  }

  /** Throws ERR_TAP_UNWRITABLE. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#target.close();
    }
  }
}

async function openTarget(path: string): Promise<EventTarget> {
  if (path === '-') return { write: print, dropped: 0, close: async () => {} };
  if (path.startsWith(SOCKET_PREFIX)) return await EventSocket.connect(path.slice(SOCKET_PREFIX.length));
  return new EventFile(path);
}
