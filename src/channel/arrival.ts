// A message that arrives, out of its envelope (envelope.ts). Nothing of it is believed: whatever is wrong is a typed error, and
// closes all that came with it.

import { ProtocolError } from '../errors.js';
import { core, isNativeFailure } from '../native/core.js';
import { explain } from '../native/failure.js';
import type { ReceiveLimits } from './attachment.js';
import type { Borrower } from './borrower.js';
import {
  HEADER_BYTES,
  IN_LOAN,
  IN_MEMORY,
  IN_SOCKET,
  LOAN_TERMS_BYTES,
  MAGIC,
  MAX_FDS_AT_ONCE,
  MAX_INLINE_BYTES,
} from './envelope.js';
import { openSealed } from './sealed.js';
import type { SocketEnd } from './socket-end.js';

const NOTHING_THERE = -1;
const ENDED = -2;

const buffer = new Uint8Array(HEADER_BYTES + MAX_INLINE_BYTES);
const view = new DataView(buffer.buffer);
const arrivedFds = new Int32Array(1 + MAX_FDS_AT_ONCE + 1);

/** A message that arrived: bytes from `start` to `end`, and the descriptors that came beside them, which are ours. */
export interface Arrival {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Where the bytes are: in a buffer that the next message overwrites, in memory of their own, or in their sender's. */
  readonly memory: 'buffer' | 'own' | 'lent';
  /** Gives memory back at once, before it is collected. */
  readonly release: () => void;
  readonly fds: readonly number[];
}

/**
 * The next message, if there is one. Throws ProtocolError for one that isn't as it must be, ERR_TAP_SYSTEM if descriptors
 * were lost because there were too many; the next can be received after either.
 */
export function receiveMessage(
  end: SocketEnd,
  limits: ReceiveLimits,
  borrower: Borrower,
): Arrival | 'nothing' | 'ended' {
  let fds: number[] = [];
  let body: Body | undefined;
  try {
    const bytes = core().channelReceive(end.fd, buffer, arrivedFds);
    if (bytes === NOTHING_THERE) return 'nothing';
    if (bytes === ENDED) return 'ended';
    fds = takeFds();
    const word = view.getUint32(0, true);
    const count = view.getUint32(4, true);
    if (bytes < HEADER_BYTES || (word & ~(IN_MEMORY | IN_SOCKET | IN_LOAN)) >>> 0 !== MAGIC) refuse('not of a channel');
    if (count > limits.maxFds) refuse(`${count} descriptors, at most ${limits.maxFds} allowed`);
    body = bodyOf({ word, bytes, fds }, limits, borrower);
    if ((word & IN_SOCKET) !== 0) fds = unfold(fds, count);
    if (fds.length !== count) refuse(`${fds.length} descriptors came, ${count} were announced`);
    return { ...body, fds };
  } catch (error) {
    body?.release();
    for (const fd of fds) core().closeFd(fd);
    const code = isNativeFailure(error) && error.errno !== 0 ? 'ERR_TAP_SYSTEM' : 'ERR_TAP_PROTOCOL';
    throw explain(error, code, 'a message was lost');
  }
}

type Body = Omit<Arrival, 'fds'>;

/** What lies in the buffer. */
interface Found {
  /** Magic and flags. */
  readonly word: number;
  readonly bytes: number;
  /** The memory's, if there is one, is taken out of them. */
  readonly fds: number[];
}

function bodyOf({ word, bytes, fds }: Found, limits: ReceiveLimits, borrower: Borrower): Body {
  switch (word & (IN_MEMORY | IN_LOAN)) {
    case 0:
      return inline(bytes, limits);
    case IN_MEMORY:
      return inMemory(fds, limits);
    case IN_LOAN:
      if (bytes !== HEADER_BYTES + LOAN_TERMS_BYTES) return refuse('its loan has no terms');
      return inLoan(fds, limits, borrower);
    default:
      return refuse('two kinds of memory');
  }
}

const nothing = () => {};

function inline(bytes: number, limits: ReceiveLimits): Body {
  checkLength(bytes - HEADER_BYTES, limits);
  return { bytes: buffer, start: HEADER_BYTES, end: bytes, memory: 'buffer', release: nothing };
}

/** Unmapped when nothing refers to the message's bytes any more. */
function inMemory(fds: number[], { maxBytes }: ReceiveLimits): Body {
  return fromMemory(fds, (fd) => {
    const { buffer, unmap } = openSealed(fd, maxBytes);
    return { bytes: new Uint8Array(buffer), start: 0, end: buffer.byteLength, memory: 'own', release: unmap };
  });
}

function inLoan(fds: number[], limits: ReceiveLimits, borrower: Borrower): Body {
  const end = view.getUint32(HEADER_BYTES, true);
  const number = view.getUint32(HEADER_BYTES + 4, true);
  checkLength(end, limits);
  return fromMemory(fds, (fd) => {
    const borrowed = borrower.borrow(fd, { bytes: end, number });
    return { ...borrowed, start: 0, end, memory: 'lent' };
  });
}

/** The first of the descriptors is its memory's, and not needed once that is mapped. */
function fromMemory(fds: number[], map: (fd: number) => Body): Body {
  const fd = fds.shift();
  if (fd === undefined) return refuse('its memory is missing');
  try {
    return map(fd);
  } finally {
    core().closeFd(fd);
  }
}

function checkLength(bytes: number, { maxBytes }: ReceiveLimits): void {
  if (bytes > maxBytes) refuse(`${bytes} bytes, at most ${maxBytes} allowed`);
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
  const fds: number[] = [];
  for (let i = 1; i <= arrivedFds[0]!; i++) fds.push(arrivedFds[i]!);
  return fds;
}

function refuse(what: string): never {
  throw new ProtocolError('ERR_TAP_PROTOCOL', `bad message: ${what}`);
}
