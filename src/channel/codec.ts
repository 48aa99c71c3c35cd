// Values to messages and back: MessagePack, with attachments anywhere in it. Nothing that arrives is believed: it is walked
// before it is decoded, every attachment is used exactly once, and whatever is wrong closes all that came.

import { addExtension, Packr, RESET_BUFFER_MODE } from 'msgpackr';
import { ProtocolError, TapError } from '../errors.js';
import { core } from '../native/core.js';
import type { Arrival } from './arrival.js';
import { ATTACH, Attachable, type Attached, type AttachmentKind, makers, type ReceiveLimits } from './attachment.js';
import { ATTACHMENT_EXTENSION, checkMessage } from './check-message.js';
import { MAX_INLINE_BYTES } from './envelope.js';
import { IdleTimer } from './idle-timer.js';
import { Scratch } from './scratch.js';

/** A message to be sent, and what goes beside it. Its bytes are somebody else's: who keeps them, copies them. */
export interface Letter {
  readonly bytes: Uint8Array;
  readonly attached: readonly Attached[];
}

const OPTIONS = { useRecords: false, moreTypes: true, structuredClone: false } as const;
const packr = new Packr(OPTIONS);
const copyingPackr = new Packr({ ...OPTIONS, copyBuffers: true });
const scratch = new Scratch();

/** msgpackr's extensions belong to the module, not to a Packr: these say whose message is on the bench. */
let leaving: Attached[] | undefined;
let arriving: Unpacking | undefined;

addExtension({
  Class: Attachable,
  type: ATTACHMENT_EXTENSION,
  pack: (value: Attachable) => enclose(value),
  unpack: (data: Uint8Array) => arrive(data),
});

/** msgpackr keeps the buffer it writes to, as large as the longest message: not for ever. */
const idle = new IdleTimer(() => packr.useBuffer(Buffer.allocUnsafeSlow(EMPTY_BUFFER_BYTES)));
const EMPTY_BUFFER_BYTES = 8192;

/**
 * The letter's bytes are valid until the next one is encoded. Throws TypeError for what can't be sent, ERR_TAP_CLOSED for an
 * attachment that isn't there any more.
 */
export function encode(value: unknown): Letter {
  if (value === undefined) throw new TypeError('undefined is no message: send null');
  // A value's toJSON may send a message of its own.
  const outer = leaving;
  const attached: Attached[] = [];
  leaving = attached;
  try {
    const bytes = packr.pack(value, RESET_BUFFER_MODE);
    if (bytes.length > MAX_INLINE_BYTES) idle.touch();
    return { bytes, attached };
  } finally {
    leaving = outer;
  }
}

/** Throws ProtocolError, with everything that came closed. */
export function decode(arrival: Arrival, limits: ReceiveLimits): unknown {
  const { bytes, start, end, memory } = toDecode(arrival);
  const unpacking = new Unpacking(arrival.fds, limits);
  arriving = unpacking;
  try {
    checkMessage(bytes, start, end, limits.maxDepth);
    const value: unknown = (memory === 'own' ? packr : copyingPackr).unpack(bytes, { start, end });
    unpacking.finish();
    return value;
  } catch (cause) {
    unpacking.discard();
    if (cause instanceof TapError) throw cause;
    throw new ProtocolError('ERR_TAP_PROTOCOL', `bad message: ${String(cause)}`, { cause });
  } finally {
    arriving = undefined;
  }
}

/** What is checked must not change afterwards: what lies in its sender's memory is copied out of it, and given back. */
function toDecode(arrival: Arrival): Arrival {
  if (arrival.memory !== 'lent') return arrival;
  const bytes = scratch.copy(arrival.bytes);
  arrival.release();
  return { ...arrival, bytes };
}

/** The descriptors of a message, from arrival until each is an object's, or closed. */
class Unpacking {
  readonly limits: ReceiveLimits;
  readonly #fds: (number | undefined)[];
  readonly #made: { close(): void }[] = [];

  constructor(fds: readonly number[], limits: ReceiveLimits) {
    this.#fds = [...fds];
    this.limits = limits;
  }

  make(kind: number, index: number): unknown {
    const maker = makers.get(kind as AttachmentKind);
    const fd = this.#fds[index];
    if (maker === undefined || fd === undefined)
      throw new ProtocolError('ERR_TAP_PROTOCOL', `bad message: an attachment that isn't there: ${index} kind=${kind}`);
    const made = maker(fd, this.limits);
    this.#fds[index] = undefined;
    this.#made.push(made);
    return made;
  }

  finish(): void {
    if (this.#fds.every((fd) => fd === undefined)) return;
    throw new ProtocolError('ERR_TAP_PROTOCOL', 'bad message: descriptors that nothing in it refers to');
  }

  discard(): void {
    for (const made of this.#made) made.close();
    for (const fd of this.#fds) if (fd !== undefined) core().closeFd(fd);
  }
}

function enclose(value: Attachable): Uint8Array {
  if (leaving === undefined) throw new TypeError('an end of a channel can be sent over a channel only');
  const attached = value[ATTACH]();
  if (attached.take && leaving.some(({ fd }) => fd === attached.fd))
    throw new TypeError('a receiver stands twice in a message: it can go only once');
  const data = new DataView(new ArrayBuffer(8));
  data.setUint32(0, attached.kind);
  data.setUint32(4, leaving.length);
  leaving.push(attached);
  return new Uint8Array(data.buffer);
}

function arrive(data: Uint8Array): unknown {
  if (arriving === undefined || data.length !== 8)
    throw new ProtocolError('ERR_TAP_PROTOCOL', 'an end of a channel outside of a message');
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return arriving.make(view.getUint32(0), view.getUint32(4));
}
