// How two processes come by a link: the server makes the memory, and hands it to each client that it accepts.

import { ProtocolError } from '../../errors.js';
import { core, isNativeFailure } from '../../native/core.js';
import { explain } from '../../native/failure.js';
import { FdSocket } from '../fdpass.js';
import { connectTo, Listener } from '../listener.js';
import { SocketEnd, type WaitOptions } from '../socket-end.js';
import { queueBytes } from './byte-queue.js';
import { MAX_QUEUE_CAPACITY } from './indices.js';
import { Interface } from './interface.js';

const DEFAULT_CAPACITY = 1 << 20;
const MIN_CAPACITY = 64;

/** How to serve. */
export interface InterfaceOptions {
  /** Letters, digits and `_.:@-`, or a path. Default: a name that nobody else has. */
  readonly name?: string;
  /** Bytes of each direction, a multiple of 8 from 64 to 512 MiB. Default 1 MiB. */
  readonly capacity?: number;
}

/** Accepts links, any number of them, each with memory of its own. Closed by close() or `using`; its links go on. */
export class InterfaceServer implements Disposable {
  readonly #listener: Listener;
  readonly #capacity: number;

  /** Listens. Throws ERR_TAP_NAME_IN_USE, ERR_TAP_PERMISSION, ERR_TAP_SYSTEM, RangeError. */
  static create(options: InterfaceOptions = {}): InterfaceServer {
    return new InterfaceServer(options);
  }

  private constructor({ name, capacity = DEFAULT_CAPACITY }: InterfaceOptions) {
    if (!isCapacity(capacity))
      throw new RangeError(`capacity must be a multiple of 8 from ${MIN_CAPACITY}: ${capacity}`);
    this.#listener = new Listener(name);
    this.#capacity = capacity;
  }

  /** What clients connect to. */
  get name(): string {
    return this.#listener.name;
  }

  /** The next client. Rejects with ERR_TAP_TIMEOUT, the signal's reason, ERR_TAP_CLOSED, ERR_TAP_SYSTEM. */
  async accept(options?: WaitOptions): Promise<Interface> {
    const { end } = await this.#listener.accept(options);
    try {
      return await this.#link(end);
    } catch (error) {
      end.close();
      throw explain(error, 'ERR_TAP_SYSTEM', `can't make a link: capacity=${this.#capacity}`);
    }
  }

  /** Gives the name back. Safe to call twice. */
  close(): void {
    this.#listener.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #link(end: SocketEnd): Promise<Interface> {
    const capacity = this.#capacity;
    const { fd, ...mapping } = core().createShared(2 * queueBytes(capacity));
    const made = new Interface({ end, mapping, capacity, side: 'server' });
    try {
      const socket = new FdSocket(new SocketEnd(core().duplicateFd(end.fd)));
      // The id of the descriptor is the capacity.
      await socket.sendFd(capacity, fd).finally(() => socket.close());
      return made;
    } catch (error) {
      made.close();
      throw error;
    } finally {
      core().closeFd(fd);
    }
  }
}

/**
 * Connects to the server of this name, and waits until it accepts. `capacity` must be the server's. Rejects with
 * ERR_TAP_NO_SERVER, ERR_TAP_PERMISSION, ERR_TAP_REFUSED, ERR_TAP_DISCONNECTED, ERR_TAP_PROTOCOL for another capacity,
 * ERR_TAP_RING for memory that isn't as it must be, ERR_TAP_SYSTEM.
 */
export async function connectInterface(
  name: string,
  { capacity = DEFAULT_CAPACITY, signal }: { readonly capacity?: number; readonly signal?: AbortSignal } = {},
): Promise<Interface> {
  if (!isCapacity(capacity)) throw new RangeError(`capacity must be a multiple of 8 from ${MIN_CAPACITY}: ${capacity}`);
  const wait = signal === undefined ? {} : { signal };
  const end = await connectTo(name, wait);
  try {
    const fd = await receiveMemory(end, capacity, wait);
    const bytes = 2 * queueBytes(capacity);
    try {
      return new Interface({ end, mapping: core().mapShared(fd, bytes, bytes), capacity, side: 'client' });
    } finally {
      core().closeFd(fd);
    }
  } catch (error) {
    end.close();
    const isSystem = isNativeFailure(error) && error.errno !== 0;
    throw explain(error, isSystem ? 'ERR_TAP_SYSTEM' : 'ERR_TAP_RING', `can't link to ${name}`);
  }
}

async function receiveMemory(end: SocketEnd, capacity: number, wait: WaitOptions): Promise<number> {
  const socket = new FdSocket(new SocketEnd(core().duplicateFd(end.fd)));
  try {
    return await socket.recvFd(capacity, wait);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ProtocolError('ERR_TAP_PROTOCOL', `the server's capacity is another one, or it is no server of links`, {
      cause: error,
    });
  } finally {
    socket.close();
  }
}

function isCapacity(capacity: number): boolean {
  return (
    Number.isInteger(capacity) && capacity % 8 === 0 && capacity >= MIN_CAPACITY && capacity <= MAX_QUEUE_CAPACITY / 2
  );
}
