// A name at which clients ask for streams. Each accept() makes a stream for the next client, or lets it join one.
//
//   client                               server
//     | connect(name)                      |  SO_PEERCRED on both sides
//     |-- a sender for the answer -------->|  accept()
//     |<------------ path and name --------|
//     | attach(path), as that name         |  a consumer of the stream's tap
//     |-- (closes) ----------------------->|  accept() is done

import { randomBytes } from 'node:crypto';
import { pid } from 'node:process';
import { privateDirectory } from '../channel/address.js';
import type { IpcReceiver } from '../channel/receiver.js';
import { IpcSender } from '../channel/sender.js';
import { IpcServer } from '../channel/server.js';
import type { WaitOptions } from '../channel/socket-end.js';
import { ConnectedIpc, type StreamOptions } from './connection.js';

/** What a client is told: where its stream is, and whom to say it is. */
export interface StreamInvitation {
  readonly path: string;
  readonly client: string;
}

/** What a client sends: where to answer. */
export type StreamRequest = IpcSender<StreamInvitation>;

/** How to make a server. */
export interface ServerOptions extends StreamOptions {
  /** Letters, digits and `_.:@-`, or a path. Default: a name that nobody else has. */
  readonly name?: string;
}

/** How to accept. */
export interface AcceptOptions extends WaitOptions {
  /** The client joins this stream, at the next packet, instead of getting one of its own. */
  readonly into?: ConnectedIpc;
}

/** As taps do: who connects says soon what it wants. */
const HELLO_TIMEOUT_MS = 5_000;

/** Clients so far, of all servers: each has a name of its own, whichever stream it joins. */
let clients = 0;

/** A server for any number of clients. Closed by close() or `using`; its streams go on. */
export class Server implements Disposable {
  readonly #server: IpcServer<StreamRequest>;
  readonly #options: StreamOptions;

  /** Listens. Throws ERR_TAP_NAME_IN_USE, ERR_TAP_PERMISSION, ERR_TAP_SYSTEM, RangeError. */
  static create(options: ServerOptions = {}): Server {
    return new Server(options);
  }

  private constructor({ name, ...options }: ServerOptions) {
    this.#server = IpcServer.create<StreamRequest>(name === undefined ? {} : { name });
    this.#options = options;
  }

  /** What clients connect to. */
  get name(): string {
    return this.#server.name;
  }

  /**
   * Waits for the next client, and gives the stream to it, as often as it is called. Rejects with ERR_TAP_TIMEOUT, the
   * signal's reason, ERR_TAP_CLOSED after close(), ERR_TAP_SYSTEM.
   */
  async accept({ into, ...wait }: AcceptOptions = {}): Promise<ConnectedIpc> {
    const deadline = performance.now() + (wait.timeoutMs ?? 0);
    for (;;) {
      const timeoutMs = wait.timeoutMs && Math.max(1, deadline - performance.now());
      const { receiver } = await this.#server.accept({ ...wait, timeoutMs });
      const stream = into ?? new ConnectedIpc({ name: freshName(), directory: privateDirectory() }, this.#options);
      try {
        if (await this.#invite(stream, receiver, wait)) return stream;
      } finally {
        receiver.close();
        if (into === undefined && stream.clients === 0) await stream.close();
      }
    }
  }

  /** Whether the client came. One that does not go on within a few seconds isn't waited for. */
  async #invite(stream: ConnectedIpc, receiver: IpcReceiver<StreamRequest>, { signal }: WaitOptions): Promise<boolean> {
    const wait = signal === undefined ? {} : { signal };
    const client = `client-${++clients}`;
    const answer = await receiver.tryRecvTimeout(HELLO_TIMEOUT_MS, wait);
    if (!(answer instanceof IpcSender)) return false;
    using _ = answer;
    answer.trySend({ path: stream.path, client });
    // It closes when it is attached, or dies.
    await receiver.tryRecvTimeout(HELLO_TIMEOUT_MS, wait);
    return stream.has(client);
  }

  /** Gives the name back; streams go on. Safe to call twice. */
  close(): void {
    this.#server.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** As listeners call their sockets, so that those of killed servers are swept away. */
function freshName(): string {
  return `${pid}-${randomBytes(8).toString('hex')}`;
}
