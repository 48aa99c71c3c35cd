// Where an analyzer's events go, a line each: standard output, a file, or a Unix socket. A file has them at once; for the others they
// are gathered, and written a batch at a time. Lines that can't be written are counted, and why is told.

import { EventFile } from './event-file.js';
import { EventSocket } from './event-socket.js';
import { print } from './output.js';

/** One kind of place for lines. */
interface Place {
  /** Lines that were taken, and that nobody will get. */
  readonly dropped: number;
  /** Begins anew under its name: somebody has moved the file away. Throws ERR_TAP_UNWRITABLE. */
  reopen?(): void;
  close(): Promise<void>;
}

/** Who reads there may be slow. */
export interface SlowPlace extends Place {
  /** Takes whole lines, so many. False: nobody reads any more. Throws ERR_TAP_UNWRITABLE. */
  write(bytes: Uint8Array, lines: number): Promise<boolean>;
}

/** Nobody has to be waited for. */
export interface PromptPlace extends Place {
  /** Takes whole lines, and has written them when it returns. Throws ERR_TAP_UNWRITABLE. */
  writeNow(bytes: Uint8Array): void;
}

/** What goes before the path of a Unix socket. */
const SOCKET_PREFIX = 'unix:';

/** One place, and what is on its way there. */
export class EventOutput {
  readonly path: string;
  readonly #target: SlowPlace | PromptPlace;
  readonly #waiting: Uint8Array[] = [];
  #waitingLines = 0;
  #unwritten = 0;
  /** A target that failed is not tried again. */
  #hasFailed = false;
  /** Why, until somebody is told. */
  #failure: unknown;

  private constructor(path: string, target: SlowPlace | PromptPlace) {
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

  /** Adds whole lines, so many. The bytes are written or copied before this returns. */
  add(lines: Uint8Array, count: number): void {
    if (this.#hasFailed) this.#unwritten += count;
    else if ('writeNow' in this.#target) this.#writeNow(this.#target, lines);
    else this.#keep(lines, count);
  }

  /** Lines that nobody will get. */
  get dropped(): number {
    return this.#unwritten + this.#target.dropped;
  }

  /** Writes what was added. False: nobody reads any more. Throws ERR_TAP_UNWRITABLE, once. */
  async flush(): Promise<boolean> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    if (this.#hasFailed) return false;
    return 'writeNow' in this.#target || this.#waitingLines === 0 || (await this.#write(this.#target));
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

  /** What fails is told by flush(). */
  #writeNow(target: PromptPlace, lines: Uint8Array): void {
    try {
      target.writeNow(lines);
    } catch (error) {
      this.#hasFailed = true;
      this.#failure = error;
    }
  }

  #keep(lines: Uint8Array, count: number): void {
    this.#waiting.push(new Uint8Array(lines));
    this.#waitingLines += count;
  }

  async #write(target: SlowPlace): Promise<boolean> {
    const bytes = Buffer.concat(this.#waiting.splice(0));
    const lines = this.#waitingLines;
    this.#waitingLines = 0;
    try {
      return await target.write(bytes, lines);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }
}

async function openTarget(path: string): Promise<SlowPlace | PromptPlace> {
  if (path === '-') return { write: print, dropped: 0, close: async () => {} };
  if (path.startsWith(SOCKET_PREFIX)) return await EventSocket.connect(path.slice(SOCKET_PREFIX.length));
  return new EventFile(path);
}
