// Where a tap's packets come from. A source owns a thread that appends to the ring; JavaScript starts it, stops it and
// hears how it ended, and never sees a packet.

import type { TapError } from '../errors.js';
import type { RingHandle } from '../native/core.js';

/** How a source ended. */
export interface SourceEnd {
  /** finished: it has no more packets. stopped: it was told to. failed: see `error`. */
  readonly reason: 'finished' | 'stopped' | 'failed';
  readonly error?: TapError;
}

/** A source of packets. Started once. */
export interface PacketSource {
  /** What people call it: the device, the savefile. */
  readonly description: string;
  /** What consumers get unless they ask otherwise: lossless where the source can wait, lossy where it can't. */
  readonly defaultPolicy: 'lossless' | 'lossy';
  /** Starts the thread. `onEnd` is called once, on the event loop, after the last packet was published. */
  start(ring: RingHandle, onEnd: (end: SourceEnd) => void): void;
  /** Asks the thread to end soon; onEnd follows. Without effect before start and after the end. */
  stop(): void;
}
