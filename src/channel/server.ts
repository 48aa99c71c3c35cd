// Channels between processes that know a name only: a server's name, a client's IpcSender.connect(name), and a receiver on
// the server's side for each.

import type { PeerCredentials } from '../native/core.js';
import type { ReceiveLimits } from './attachment.js';
import { Listener } from './listener.js';
import { IpcReceiver } from './receiver.js';
import type { WaitOptions } from './socket-end.js';

/** The longest that a timer can wait. */
const NO_LIMIT_MS = 2 ** 31 - 1;

/** How to make a server. */
export interface ServerOptions {
  /** Letters, digits and `_.:@-`: a socket in a folder of this user's; or a path. Default: a name that nobody else has. */
  readonly name?: string;
  /** What its receivers let in. */
  readonly limits?: Partial<ReceiveLimits>;
}

/** A client that has connected. */
export interface IpcClient<T> {
  readonly receiver: IpcReceiver<T>;
  /** The client's process and user, as the kernel knows them. */
  readonly peer: PeerCredentials;
}

/** A server for any number of clients: `for (;;) { const { receiver } = await server.accept(); … }`. */
export class IpcServer<T> implements Disposable {
  readonly #listener: Listener;
  readonly #limits: Partial<ReceiveLimits> | undefined;

  /** Listens. Throws ERR_TAP_NAME_IN_USE, ERR_TAP_PERMISSION, ERR_TAP_SYSTEM, RangeError. */
  static create<T>(options: ServerOptions = {}): IpcServer<T> {
    return new IpcServer<T>(options);
  }

  private constructor({ name, limits }: ServerOptions) {
    this.#listener = new Listener(name);
    this.#limits = limits;
  }

  /** What clients connect to. */
  get name(): string {
    return this.#listener.name;
  }

  /** The next client. Rejects with ERR_TAP_TIMEOUT, the signal's reason, ERR_TAP_CLOSED, ERR_TAP_SYSTEM. */
  async accept(options?: WaitOptions): Promise<IpcClient<T>> {
    const { end, peer } = await this.#listener.accept(options);
    return { receiver: new IpcReceiver<T>(end, this.#limits), peer };
  }

  /** Gives the name back; clients that were accepted stay. Safe to call twice. */
  close(): void {
    this.#listener.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** A server for one client, whose first message says that it is there. */
export class IpcOneShotServer<T> implements Disposable {
  readonly #server: IpcServer<T>;

  /** Listens. Throws as IpcServer.create() does. */
  static create<T>(options: ServerOptions = {}): IpcOneShotServer<T> {
    return new IpcOneShotServer(IpcServer.create<T>(options));
  }

  private constructor(server: IpcServer<T>) {
    this.#server = server;
  }

  /** What the client connects to. */
  get name(): string {
    return this.#server.name;
  }

  /**
   * The client that sends a message first: its receiver and that message. One that goes away without a word isn't it. Gives
   * the name back. Rejects as IpcServer.accept() and IpcReceiver.recv() do.
   */
  async accept(options: WaitOptions = {}): Promise<{ readonly receiver: IpcReceiver<T>; readonly message: T }> {
    const { signal, timeoutMs } = options;
    const deadline = performance.now() + (timeoutMs ?? 0);
    const left = () => timeoutMs && Math.max(1, deadline - performance.now());
    for (;;) {
      const { receiver } = await this.#server.accept({ signal, timeoutMs: left() });
      const message = await receiver.tryRecvTimeout(left() ?? NO_LIMIT_MS, { signal });
      if (message !== undefined) {
        this.close();
        return { receiver, message };
      }
      receiver.close();
    }
  }

  /** Safe to call twice. */
  close(): void {
    this.#server.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
