// What a worker thread of analyze has to tell, on its way to the main thread, which writes it. The worker goes on meanwhile, and
// waits only when the main thread is too far behind: what is not written yet doesn't pile up.

import type { MessagePort } from 'node:worker_threads';
import type { FromWorker, Lines, StatsRecord } from './analyze-messages.js';

/** So much may be on its way. */
const MAX_UNWRITTEN_BYTES = 4 << 20;
const LINE_BREAK = 0x0a;

/** One for a worker. */
export class LinesToMain {
  readonly #port: MessagePort;
  #events: Lines[] = [];
  #fastLines: string[] = [];
  /** Bytes of each message that is not written yet, and of all. */
  readonly #unwritten: number[] = [];
  #unwrittenBytes = 0;
  #wake = () => {};

  constructor(port: MessagePort) {
    this.#port = port;
  }

  /** Events: whole lines, so many. Copies them. */
  readonly addEvents = (lines: Uint8Array, count: number): void => {
    this.#events.push({ bytes: new Uint8Array(lines), count });
  };

  readonly addFastLine = (line: string): void => {
    this.#fastLines.push(line);
  };

  /** Hands over what there is; the bytes' memory goes with it. Waits while too much is not written. */
  async handOver(): Promise<void> {
    if (this.#events.length + this.#fastLines.length === 0) return;
    const message: FromWorker = { type: 'events', events: this.#events, fastLines: this.#fastLines };
    const bytes = this.#events.reduce((sum, lines) => sum + lines.bytes.length, 0);
    this.#unwritten.push(bytes);
    this.#unwrittenBytes += bytes;
    this.#port.postMessage(
      message,
      this.#events.map((lines) => lines.bytes.buffer),
    );
    this.#events = [];
    this.#fastLines = [];
    while (this.#unwrittenBytes > MAX_UNWRITTEN_BYTES) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** The oldest message is written. */
  written(): void {
    this.#unwrittenBytes -= this.#unwritten.shift() ?? 0;
    this.#wake();
  }

  /** Takes the last event back, the statistics. */
  takeStats(): StatsRecord {
    const { bytes, count } = this.#events.pop()!;
    const start = bytes.lastIndexOf(LINE_BREAK, -2) + 1;
    if (count > 1) this.#events.push({ bytes: bytes.slice(0, start), count: count - 1 });
    return JSON.parse(Buffer.from(bytes.buffer, start).toString()) as StatsRecord;
  }
}
