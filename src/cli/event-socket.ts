// Lines to whoever listens on a Unix socket. Who reads slowly is waited for; who stops reading, or goes, is not: lines are
// then dropped and counted, and the connection is made again as soon as somebody listens.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Deadline } from '../control/deadline.js';
import { TapError } from '../errors.js';
import { counted } from './text.js';

/** What may wait for the reader. */
const MAX_WAITING_BYTES = 4 << 20;
/** Who reads nothing for so long has stopped reading. */
const STALL_MS = 1000;
/** How long to wait before the connection is tried again. */
const RETRY_MS = 500;

/** Lines that are written together. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly lines: number;
}

/** A connection, which may be lost and made again. */
export class EventSocket {
  readonly #path: string;
  readonly #closing = new AbortController();
  #socket: Socket | undefined;
  #waiting: Piece[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #isStalled = false;
  #moved: () => void = () => {};

  private constructor(path: string, socket: Socket) {
    this.#path = path;
    this.#use(socket);
  }

  /** Throws ERR_TAP_UNWRITABLE if nobody listens there. */
  static async connect(path: string): Promise<EventSocket> {
    try {
      return new EventSocket(path, await connected(path));
    } catch (cause) {
      const { code: errno = '' } = cause as NodeJS.ErrnoException;
      const message = `can't connect to ${path}: ${errno}: is somebody listening there?`;
      throw new TapError('ERR_TAP_UNWRITABLE', message, { path, errno, syscall: 'connect', cause });
    }
  }

  /** Lines that nobody got. */
  get dropped(): number {
    return this.#dropped;
  }

  async write(bytes: Uint8Array, lines: number): Promise<boolean> {
    if (this.#waitingBytes > MAX_WAITING_BYTES) await this.#untilThereIsRoom();
    if (this.#socket === undefined || this.#isStalled) {
      this.#dropped += lines;
      return true;
    }
    this.#waiting.push({ bytes, lines });
    this.#waitingBytes += bytes.length;
    if (this.#waiting.length === 1) this.#writeNext(this.#socket);
    return true;
  }

  /** Waits for a reader that reads. */
  async close(): Promise<void> {
    this.#closing.abort();
    while (this.#waiting.length > 0 && !this.#isStalled) await this.#untilItMoves();
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#dropWaiting();
    socket.end();
    await Promise.race([once(socket, 'close'), delay(STALL_MS, undefined, { ref: false })]);
    socket.destroy();
  }

  async #untilThereIsRoom(): Promise<void> {
    while (this.#waitingBytes > MAX_WAITING_BYTES && !this.#isStalled) await this.#untilItMoves();
  }

  async #untilItMoves(): Promise<void> {
    const hasMoved = await new Promise<boolean>((resolve) => {
      const deadline = new Deadline(STALL_MS, () => resolve(false));
      this.#moved = () => {
        deadline.clear();
        resolve(true);
      };
    });
    if (!hasMoved && !this.#isStalled) {
      this.#isStalled = true;
      tell(`${this.#path}: nobody reads: events are dropped until somebody does`);
    }
  }

  /** One piece at a time, so that it can be seen whether anything moves. */
  #writeNext(socket: Socket): void {
    const piece = this.#waiting[0];
    if (piece === undefined) return;
    socket.write(piece.bytes, (error) => {
      if (error || this.#socket !== socket) return;
      this.#waiting.shift();
      this.#waitingBytes -= piece.bytes.length;
      this.#isStalled = false;
      this.#moved();
      this.#writeNext(socket);
    });
  }

  #use(socket: Socket): void {
    this.#socket = socket;
    this.#isStalled = false;
    socket.on('error', () => {});
    socket.on('close', () => this.#lose());
    // What the reader says is of no interest; that it goes is.
    socket.resume();
  }

  #lose(): void {
    this.#socket = undefined;
    this.#dropWaiting();
    this.#moved();
    if (this.#closing.signal.aborted) return;
    tell(`${this.#path}: the reader has gone: events are dropped until somebody listens there`);
    void this.#reconnect();
  }

  #dropWaiting(): void {
    for (const { lines } of this.#waiting.splice(0)) this.#dropped += lines;
    this.#waitingBytes = 0;
  }

  async #reconnect(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await delay(RETRY_MS, undefined, { signal, ref: false }).catch(() => {});
      const socket = await connected(this.#path).catch(() => undefined);
      if (socket === undefined) continue;
      if (signal.aborted) {
        socket.destroy();
        return;
      }
      this.#use(socket);
      tell(`${this.#path}: connected again, ${counted(this.#dropped, 'event')} dropped so far`);
      return;
    }
  }
}

async function connected(path: string): Promise<Socket> {
  const socket = connect(path);
  await once(socket, 'connect');
  return socket;
}

function tell(text: string): void {
  process.stderr.write(`pkttap: ${text}\n`);
}
