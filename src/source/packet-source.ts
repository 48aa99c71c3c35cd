// Where a tap's packets come from. A source owns the thread, or threads, that append to the tap's rings; JavaScript starts
// it, stops it and hears how it ended, and never sees a packet.

import type { TapError } from '../errors.js';
import type { RingHandle } from '../native/core.js';

/** How a source ended. */
export interface SourceEnd {
  /** finished: it has no more packets. stopped: it was told to. failed: see `error`. */
  readonly reason: 'finished' | 'stopped' | 'failed';
  readonly error?: TapError;
}

/** What can be done with a source that need not keep up with the world. */
export interface SourceControl {
  readonly paused: boolean;
  /** No packet from now on. Also before the start. */
  pause(): void;
  /** Goes on where it paused, at its pace: what was due meanwhile does not come in a burst. */
  resume(): void;
  /** Pauses, and lets this many packets through at once, whenever they are due. A whole number from 1. */
  step(packets: number): void;
}

/** A source of packets. Started once. */
export interface PacketSource {
  /** What people call it: the device, the savefile. */
  readonly description: string;
  /** What consumers get unless they ask otherwise: lossless where the source can wait, lossy where it can't. */
  readonly defaultPolicy: 'lossless' | 'lossy';
  /** Left out by sources that can't be paused: what is live goes on. */
  readonly control?: SourceControl;
  /** Rings that it fills, each from a thread of its own: 1 (default) to 16. */
  readonly lanes?: number;
  /**
   * Exchanges the filter while packets flow. Rejects with a TapError, and then nothing has changed. Left out by sources
   * whose filter stays.
   */
  setFilter?(filter: string): Promise<void>;
  /** Starts the thread. `onEnd` is called once, on the event loop, after the last packet was published. */
  start(ring: RingHandle, onEnd: (end: SourceEnd) => void): void;
  /** Asks the thread to end soon; onEnd follows. Without effect before start and after the end. */
  stop(): void;
}
