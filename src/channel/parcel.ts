// A message on its way through a socket. Small ones go inline; longer ones in sealed memory, which the receiver maps instead
// of having it copied; more descriptors than the kernel takes at once go through a socket of their own that is full before
// it is sent.
//
//   header   u32  0x706b74 << 8 | flags (1: body in memory, 2: descriptors in a socket)    little-endian, as all of it
//            u32  descriptors that belong to the message: neither that memory nor that socket
//   body     the message, unless it is in memory
//   beside   [memory] [socket | descriptors]

import { constants } from 'node:os';
import { ClosedError, ProtocolError, TapError } from '../errors.js';
import { core, isNativeFailure } from '../native/core.js';
import { errnoName, explain } from '../native/failure.js';
import type { ReceiveLimits } from './attachment.js';
import type { Arrival, Letter } from './codec.js';
import type { SocketEnd } from './socket-end.js';

/** The longest body that goes inline, in bytes: the kernel's buffer must have room for a few. */
export const MAX_INLINE_BYTES = 65_536;

/** What the kernel takes beside one message (SCM_MAX_FD), less one for the memory. */
const MAX_FDS_AT_ONCE = 252;

const HEADER_BYTES = 8;
const MAGIC = 0x706b7400;
const IN_MEMORY = 1;
const IN_SOCKET = 2;
const NOTHING_THERE = -1;
const ENDED = -2;
const NO_BYTES = new Uint8Array();

const header = new Uint32Array(2);
const buffer = new Uint8Array(HEADER_BYTES + MAX_INLINE_BYTES);
const view = new DataView(buffer.buffer);
const arrivedFds = new Int32Array(1 + MAX_FDS_AT_ONCE + 1);

/** A message with everything it needs to be sent, as often as it takes. */
export class Parcel {
  readonly #flags: number;
  readonly #count: number;
  /** Closed once the parcel is gone: nobody else has them. */
  readonly #own: number[] = [];
  #body: Uint8Array;
  #fds: number[];

  /** Throws ERR_TAP_SYSTEM where memory or descriptors run out. */
  constructor({ bytes, attached }: Letter) {
    this.#count = attached.length;
    this.#body = bytes;
    this.#fds = attached.map(({ fd }) => fd);
    let flags = 0;
    try {
      if (this.#fds.length > MAX_FDS_AT_ONCE) {
        flags |= IN_SOCKET;
        this.#fds = [this.#fill(this.#fds)];
      }
      if (bytes.length > MAX_INLINE_BYTES) {
        flags |= IN_MEMORY;
        this.#body = NO_BYTES;
        this.#fds.unshift(this.#keep(core().sealBytes(bytes)));
      }
    } catch (error) {
      this.discard();
      throw explain(error, 'ERR_TAP_SYSTEM', "can't send a message");
    }
    this.#flags = flags;
  }

  /** False: no room now. Throws ERR_TAP_DISCONNECTED if nobody receives any more, ERR_TAP_SYSTEM. */
  post(end: SocketEnd): boolean {
    header[0] = MAGIC | this.#flags;
    header[1] = this.#count;
    const errno = core().channelSend(end.fd, header, this.#body, this.#fds.length > 0 ? this.#fds : undefined);
    if (errno === 0) return true;
    if (errno === constants.errno.EAGAIN) return false;
    const name = errnoName(errno);
    if (name === 'EPIPE' || name === 'ECONNRESET')
      throw new ClosedError('ERR_TAP_DISCONNECTED', `nobody receives any more: sendmsg ${name}`, { errno: name });
    throw new TapError('ERR_TAP_SYSTEM', `can't send a message: sendmsg ${name}`, { errno: name, syscall: 'sendmsg' });
  }

  /** For later: the bytes are copied, and the attachments held, whatever becomes of them meanwhile. Throws ERR_TAP_SYSTEM. */
  hold({ attached }: Letter): void {
    this.#body = this.#body.slice();
    try {
      const isInSocket = (this.#flags & IN_SOCKET) !== 0;
      const first = this.#fds.length - attached.length;
      if (!isInSocket)
        for (const i of attached.keys()) this.#fds[first + i] = this.#keep(core().duplicateFd(this.#fds[first + i]!));
    } catch (error) {
      throw explain(error, 'ERR_TAP_SYSTEM', "can't send a message");
    }
    for (const one of attached) if (one.take) core().closeFd(one.take());
  }

  discard(): void {
    for (const fd of this.#own.splice(0)) core().closeFd(fd);
  }

  #keep(fd: number): number {
    this.#own.push(fd);
    return fd;
  }

  /** A socket in which all of the descriptors wait already. */
  #fill(fds: readonly number[]): number {
    const [near, far] = core().socketPair();
    this.#keep(far);
    try {
      for (let at = 0; at < fds.length; at += MAX_FDS_AT_ONCE) {
        const some = fds.slice(at, at + MAX_FDS_AT_ONCE);
        header[0] = MAGIC;
        header[1] = some.length;
        const errno = core().channelSend(near, header, NO_BYTES, some);
        if (errno === 0) continue;
        const name = errnoName(errno);
        throw new TapError('ERR_TAP_SYSTEM', `can't send ${fds.length} descriptors: sendmsg ${name}`, { errno: name });
      }
      return far;
    } finally {
      core().closeFd(near);
    }
  }
}

/**
 * The next message, if there is one. Throws ProtocolError for one that isn't as it must be, ERR_TAP_SYSTEM if descriptors
 * were lost because there were too many; the next can be received after either.
 */
export function receiveParcel(end: SocketEnd, limits: ReceiveLimits): Arrival | 'nothing' | 'ended' {
  let fds: number[] = [];
  try {
    const bytes = core().channelReceive(end.fd, buffer, arrivedFds);
    if (bytes === NOTHING_THERE) return 'nothing';
    if (bytes === ENDED) return 'ended';
    fds = takeFds();
    const word = view.getUint32(0, true);
    const count = view.getUint32(4, true);
    if (bytes < HEADER_BYTES || (word & ~(IN_MEMORY | IN_SOCKET)) >>> 0 !== MAGIC) refuse('not of a channel');
    if (count > limits.maxFds) refuse(`${count} descriptors, at most ${limits.maxFds} allowed`);
    const body = (word & IN_MEMORY) === 0 ? inline(bytes, limits) : inMemory(fds, limits);
    if ((word & IN_SOCKET) !== 0) fds = unfold(fds, count);
    if (fds.length !== count) refuse(`${fds.length} descriptors came, ${count} were announced`);
    return { ...body, fds };
  } catch (error) {
    for (const fd of fds) core().closeFd(fd);
    const code = isNativeFailure(error) && error.errno !== 0 ? 'ERR_TAP_SYSTEM' : 'ERR_TAP_PROTOCOL';
    throw explain(error, code, 'a message was lost');
  }
}

function inline(bytes: number, { maxBytes }: ReceiveLimits): Omit<Arrival, 'fds'> {
  if (bytes - HEADER_BYTES > maxBytes) refuse(`${bytes - HEADER_BYTES} bytes, at most ${maxBytes} allowed`);
  return { bytes: buffer, start: HEADER_BYTES, end: bytes, reused: true };
}

/** Unmapped when nothing refers to the message's bytes any more. */
function inMemory(fds: number[], { maxBytes }: ReceiveLimits): Omit<Arrival, 'fds'> {
  const fd = fds.shift();
  if (fd === undefined) return refuse('its memory is missing');
  try {
    const bytes = new Uint8Array(core().mapSealed(fd, maxBytes).buffer);
    return { bytes, start: 0, end: bytes.length, reused: false };
  } finally {
    core().closeFd(fd);
  }
}

/** The descriptors that wait in the one socket that came. Whatever is wrong with them, none stays open. */
function unfold(carriers: number[], count: number): number[] {
  const fds: number[] = [];
  try {
    const [carrier] = carriers;
    if (carriers.length !== 1 || !core().isChannelSocket(carrier!)) return refuse('no socket with its descriptors');
    while (fds.length < count) {
      if (core().channelReceive(carrier!, buffer, arrivedFds) < 0) return refuse('some of its descriptors are missing');
      fds.push(...takeFds());
    }
    return fds;
  } catch (error) {
    for (const fd of fds) core().closeFd(fd);
    throw error;
  } finally {
    for (const fd of carriers.splice(0)) core().closeFd(fd);
  }
}

function takeFds(): number[] {
  return arrivedFds[0] === 0 ? [] : [...arrivedFds.subarray(1, 1 + arrivedFds[0]!)];
}

function refuse(what: string): never {
  throw new ProtocolError('ERR_TAP_PROTOCOL', `bad message: ${what}`);
}
