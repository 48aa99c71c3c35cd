// What can travel in a message beside its bytes: ends of channels, shared memory, descriptors. In the bytes stands only
// "attachment 3, a sender"; the descriptor goes beside them, and the kernel makes it the receiver's.

/** What an attachment is; the numbers are part of the wire format. */
export const AttachmentKind = {
  sender: 1,
  receiver: 2,
  bytesSender: 3,
  bytesReceiver: 4,
  sharedMemory: 5,
  descriptor: 6,
} as const;

export type AttachmentKind = (typeof AttachmentKind)[keyof typeof AttachmentKind];

/** An attachment as a message takes it. */
export interface Attached {
  readonly kind: AttachmentKind;
  /** Throws ERR_TAP_CLOSED if there is none any more, TypeError while it can't be sent. */
  readonly fd: number;
  /** Hands over the descriptor of what has one owner and moves when it is sent. What has no take() is shared. */
  take?(): number;
}

/** What makes an object an attachment: how it is attached. */
export const ATTACH = Symbol('attach');

/** The base of everything that may stand anywhere in a message. */
export abstract class Attachable {
  abstract [ATTACH](): Attached;
}

/** What a receiver allows in a message. */
export interface ReceiveLimits {
  /** Bytes of a message, and of each piece of shared memory in it. Default 4 GiB. */
  readonly maxBytes: number;
  /** Descriptors of a message: each end of a channel, each piece of shared memory is one. Default 1024. */
  readonly maxFds: number;
  /** How deep values may be nested, 1 to 1000. Default 100. */
  readonly maxDepth: number;
}

const DEFAULT_LIMITS: ReceiveLimits = { maxBytes: 2 ** 32, maxFds: 1024, maxDepth: 100 };
const MOST: ReceiveLimits = { maxBytes: 2 ** 33, maxFds: 2 ** 20, maxDepth: 1000 };

/** Fills in the defaults. Throws RangeError. */
export function limitsOf(given: Partial<ReceiveLimits> = {}): ReceiveLimits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  for (const name of ['maxBytes', 'maxFds', 'maxDepth'] as const) {
    const value = limits[name];
    const least = name === 'maxFds' ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least || value > MOST[name])
      throw new RangeError(`${name} must be a whole number from ${least} to ${MOST[name]}: ${value}`);
  }
  return limits;
}

/** Makes what arrived from its descriptor, which is its own from then on unless this throws. */
export type Maker = (fd: number, limits: ReceiveLimits) => Attachable & { close(): void };

/** Filled in by the files that know the classes. */
export const makers = new Map<AttachmentKind, Maker>();
