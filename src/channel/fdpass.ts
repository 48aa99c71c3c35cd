// `pkttap/fdpass`: a descriptor over a Unix socket, with an id that both sides have agreed on. The kernel gives the receiver
// a descriptor of its own, close-on-exec. What arrives is exactly one descriptor with exactly the id expected, or an error
// that leaves nothing open.

import { constants } from 'node:os';
import { ClosedError, ProtocolError, TapError } from '../errors.js';
import { core } from '../native/core.js';
import { errnoName, explain } from '../native/failure.js';
import { connectTo, Listener } from './listener.js';
import { arrivedEnd, owned } from './owned.js';
import { SocketEnd, type WaitOptions } from './socket-end.js';

export type { WaitOptions } from './socket-end.js';

/** "pfd" and a version. A message is this, the id, both u32 in little-endian, and the descriptor. */
const MAGIC = 0x70666401;
const HEADER_BYTES = 8;
const NOTHING_THERE = -1;
const ENDED = -2;
const NO_BYTES = new Uint8Array();
const MAX_ID = 2 ** 32 - 1;

const header = new Uint32Array(2);
const buffer = new Uint8Array(HEADER_BYTES);
const view = new DataView(buffer.buffer);
const arrived = new Int32Array(3);

/** A connected Unix socket for descriptors, both ways. Closed by close(), `using`, or when it is collected. */
export class FdSocket implements Disposable {
  readonly #end: SocketEnd;

  /** Two connected sockets. Throws ERR_TAP_SYSTEM. */
  static pair(): [FdSocket, FdSocket] {
    try {
      const [one, other] = core().socketPair();
      return [new FdSocket(new SocketEnd(one)), new FdSocket(new SocketEnd(other))];
    } catch (error) {
      throw explain(error, 'ERR_TAP_SYSTEM', "can't make sockets");
    }
  }

  /** Connects to an {@link FdListener}, by its name. Rejects with ERR_TAP_NO_SERVER, ERR_TAP_PERMISSION, ERR_TAP_REFUSED. */
  static async connect(name: string, options?: { readonly signal?: AbortSignal }): Promise<FdSocket> {
    return new FdSocket(await connectTo(name, options));
  }

  /** A SOCK_SEQPACKET socket of this process, inherited for one; owned from now on. Throws ERR_TAP_PROTOCOL for anything else. */
  static fromFd(fd: number): FdSocket {
    return new FdSocket(arrivedEnd(fd));
  }

  /** For this file's own. */
  constructor(end: SocketEnd) {
    this.#end = owned(this, end);
  }

  /** The socket's own descriptor, to be inherited by a process that is started. This object stays its owner. */
  get fd(): number {
    return this.#end.fd;
  }

  /**
   * Sends a descriptor, waiting for room. The sender's stays open. `id`: 0 to 2^32-1. Rejects with ERR_TAP_DISCONNECTED,
   * ERR_TAP_SYSTEM (no such descriptor, too many in flight), ERR_TAP_TIMEOUT, the signal's reason.
   */
  async sendFd(id: number, fd: number, options?: WaitOptions): Promise<void> {
    while (!this.#trySend(id, fd)) if (!(await this.#end.writable(options))) throw timeout(options);
  }

  /** The same, blocking the thread. */
  sendFdSync(id: number, fd: number, { timeoutMs = -1 }: { readonly timeoutMs?: number } = {}): void {
    while (!this.#trySend(id, fd)) if (!core().waitFor(this.fd, true, timeoutMs)) throw timeout({ timeoutMs });
  }

  /**
   * Receives the descriptor that was sent with this id; the caller closes it. Rejects with ERR_TAP_PROTOCOL for another id
   * or anything else than one descriptor, ERR_TAP_DISCONNECTED, ERR_TAP_SYSTEM if this process has too many open, and as
   * sendFd() does.
   */
  async recvFd(id: number, options?: WaitOptions): Promise<number> {
    for (;;) {
      const fd = this.#tryReceive(id);
      if (fd !== undefined) return fd;
      if (!(await this.#end.readable(options))) throw timeout(options);
    }
  }

  /** The same, blocking the thread. */
  recvFdSync(id: number, { timeoutMs = -1 }: { readonly timeoutMs?: number } = {}): number {
    for (;;) {
      const fd = this.#tryReceive(id);
      if (fd !== undefined) return fd;
      if (!core().waitFor(this.fd, false, timeoutMs)) throw timeout({ timeoutMs });
    }
  }

  /** Safe to call twice. */
  close(): void {
    this.#end.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #trySend(id: number, fd: number): boolean {
    if (!Number.isInteger(id) || id < 0 || id > MAX_ID) throw new RangeError(`id must be from 0 to ${MAX_ID}: ${id}`);
    header[0] = MAGIC;
    header[1] = id;
    const errno = core().channelSend(this.fd, header, NO_BYTES, [fd]);
    if (errno === 0 || errno === constants.errno.EAGAIN) return errno === 0;
    const name = errnoName(errno);
    if (name === 'EPIPE' || name === 'ECONNRESET') throw gone(name);
    throw new TapError('ERR_TAP_SYSTEM', `can't send a descriptor: fd=${fd} sendmsg ${name}`, { errno: name });
  }

  #tryReceive(id: number): number | undefined {
    const bytes = this.#receive();
    if (bytes === NOTHING_THERE) return undefined;
    if (bytes === ENDED) throw gone('EOF');
    const fds = arrived.subarray(1, 1 + arrived[0]!);
    const isOurs = bytes === HEADER_BYTES && view.getUint32(0, true) === MAGIC && fds.length === 1;
    const found = view.getUint32(4, true);
    if (isOurs && found === id) return fds[0]!;
    for (const fd of fds) core().closeFd(fd);
    const what = isOurs ? `id=${found}, expected ${id}` : `bytes=${bytes} descriptors=${fds.length}`;
    throw new ProtocolError('ERR_TAP_PROTOCOL', `not the descriptor that was to come: ${what}`);
  }

  #receive(): number {
    try {
      return core().channelReceive(this.fd, buffer, arrived);
    } catch (error) {
      const isLost = error instanceof Error && 'errno' in error && error.errno !== 0;
      throw explain(error, isLost ? 'ERR_TAP_SYSTEM' : 'ERR_TAP_PROTOCOL', "can't receive a descriptor");
    }
  }
}

/** Accepts connections of {@link FdSocket.connect} at a name. */
export class FdListener implements Disposable {
  readonly #listener: Listener;

  /** As the name of a channel's server. Throws ERR_TAP_NAME_IN_USE, ERR_TAP_PERMISSION, ERR_TAP_SYSTEM, RangeError. */
  constructor(name?: string) {
    this.#listener = new Listener(name);
  }

  /** What to connect to. */
  get name(): string {
    return this.#listener.name;
  }

  /** The next connection. Rejects with ERR_TAP_TIMEOUT, the signal's reason, ERR_TAP_CLOSED. */
  async accept(options?: WaitOptions): Promise<FdSocket> {
    return new FdSocket((await this.#listener.accept(options)).end);
  }

  /** Gives the name back. Safe to call twice. */
  close(): void {
    this.#listener.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function gone(errno: string): ClosedError {
  return new ClosedError('ERR_TAP_DISCONNECTED', `the other side has closed: ${errno}`, { errno });
}

function timeout({ timeoutMs }: WaitOptions = {}): TapError {
  return new TapError('ERR_TAP_TIMEOUT', `no descriptor within ${timeoutMs} ms`);
}
