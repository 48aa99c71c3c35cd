// A message on its way out, in the envelope of envelope.ts.

import { constants } from 'node:os';
import { ClosedError, TapError } from '../errors.js';
import { core } from '../native/core.js';
import { errnoName, explain } from '../native/failure.js';
import type { Letter } from './codec.js';
import {
  IN_LOAN,
  IN_MEMORY,
  IN_SOCKET,
  LOAN_TERMS_BYTES,
  MAGIC,
  MAX_FDS_AT_ONCE,
  MAX_INLINE_BYTES,
} from './envelope.js';
import type { Lender, Loan } from './lender.js';
import { MAX_LOAN_BYTES } from './loan.js';
import type { SocketEnd } from './socket-end.js';

const NO_BYTES = new Uint8Array();

const header = new Uint32Array(2);

/** A message with everything it needs to be sent, as often as it takes. */
export class Parcel {
  readonly #flags: number;
  readonly #count: number;
  /** Closed once the parcel is gone: nobody else has them. */
  readonly #own: number[] = [];
  #body: Uint8Array;
  #fds: number[];
  #loan: Loan | undefined;

  /** Throws ERR_TAP_SYSTEM where memory or descriptors run out. */
  constructor({ bytes, attached }: Letter, lender: () => Lender) {
    this.#count = attached.length;
    this.#body = bytes;
    this.#fds = attached.map(({ fd }) => fd);
    let flags = 0;
    try {
      if (this.#fds.length > MAX_FDS_AT_ONCE) {
        flags |= IN_SOCKET;
        this.#fds = [this.#fill(this.#fds)];
      }
      if (bytes.length > MAX_LOAN_BYTES) {
        flags |= IN_MEMORY;
        this.#body = NO_BYTES;
        this.#fds.unshift(this.#keep(core().sealBytes(bytes)));
      } else if (bytes.length > MAX_INLINE_BYTES) {
        flags |= IN_LOAN;
        this.#loan = lender().lend(bytes);
        this.#body = termsOf(this.#loan, bytes.length);
        this.#fds.unshift(this.#loan.fd);
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
    if (errno === 0) {
      this.#loan = undefined;
      return true;
    }
    if (errno === constants.errno.EAGAIN) return false;
    const name = errnoName(errno);
    if (name === 'EPIPE' || name === 'ECONNRESET')
      throw new ClosedError('ERR_TAP_DISCONNECTED', `nobody receives any more: sendmsg ${name}`, { errno: name });
    throw new TapError('ERR_TAP_SYSTEM', `can't send a message: sendmsg ${name}`, { errno: name, syscall: 'sendmsg' });
  }

  /** For later: the bytes are copied, and the attachments held, whatever becomes of them meanwhile. Throws ERR_TAP_SYSTEM. */
  hold({ attached }: Letter): void {
    this.#body = new Uint8Array(this.#body);
    try {
      this.#fds = this.#fds.map((fd) => (this.#own.includes(fd) ? fd : this.#keep(core().duplicateFd(fd))));
    } catch (error) {
      throw explain(error, 'ERR_TAP_SYSTEM', "can't send a message");
    }
    for (const one of attached) if (one.take) core().closeFd(one.take());
  }

  /** What was sent stays lent. */
  discard(): void {
    this.#loan?.cancel();
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

function termsOf({ number }: Loan, bytes: number): Uint8Array {
  const terms = new DataView(new ArrayBuffer(LOAN_TERMS_BYTES));
  terms.setUint32(0, bytes, true);
  terms.setUint32(4, number, true);
  return new Uint8Array(terms.buffer);
}
