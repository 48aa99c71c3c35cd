// Pipes and sockets: written without blocking, the event loop waiting for room, so that a reader that stands still
// never keeps this process from answering signals or ending. Measured: a thread-pool write to a full pipe makes
// process.exit() wait for that reader.

import { Socket } from 'node:net';
import type { Outlet, WriteResult } from './outlet.js';

export class PipeOutlet implements Outlet {
  readonly #socket: Socket;

  /** OWNER: the outlet, of `fd`. It becomes non-blocking, which everyone who shares its open file description sees. */
  constructor(fd: number) {
    this.#socket = new Socket({ fd, readable: false, writable: true });
    // Every failure also reaches the write that met it; without a listener it would end the process as well.
    this.#socket.on('error', () => {});
  }

  write(bytes: Uint8Array): Promise<WriteResult> {
    return new Promise((resolve) => {
      this.#socket.write(bytes, (error) => resolve(error ? { written: 0, error } : { written: bytes.length }));
    });
  }

  get bytes(): number {
    return this.#socket.bytesWritten;
  }

  /** What went into a pipe is gone. */
  async retract(): Promise<void> {}

  async close(): Promise<void> {
    this.#socket.destroy();
  }
}
