// Pausing and stepping a replay: before its thread runs, while it does, and after its end, when nothing happens any more.

import type { NativeReplay } from '../native/core.js';
import type { SourceControl } from './packet-source.js';
import type { PlayTime } from './play-time.js';

/** The control of one replay. */
export class ReplayControl implements SourceControl {
  readonly #playTime: PlayTime | undefined;
  #native: NativeReplay | undefined;
  #ended = false;
  // What the thread is to be told when it starts.
  #pausedBefore = false;
  #stepsBefore = 0;

  constructor(playTime: PlayTime | undefined) {
    this.#playTime = playTime;
  }

  /** From now on the thread is told. Call before it starts. */
  attach(native: NativeReplay): void {
    this.#native = native;
    if (this.#stepsBefore > 0) native.step(this.#stepsBefore);
    else if (this.#pausedBefore) native.pause();
    if (!this.#pausedBefore) this.#playTime?.run();
  }

  /** The replay has ended: nothing is paused any more. */
  detach(): void {
    this.#playTime?.pause();
    this.#native = undefined;
    this.#ended = true;
  }

  get paused(): boolean {
    return !this.#ended && (this.#native?.paused() ?? this.#pausedBefore);
  }

  pause(): void {
    this.#playTime?.pause();
    this.#pausedBefore = true;
    this.#native?.pause();
  }

  resume(): void {
    this.#pausedBefore = false;
    this.#stepsBefore = 0;
    if (this.#native === undefined) return;
    this.#native.resume();
    this.#playTime?.run();
  }

  step(packets: number): void {
    if (!Number.isSafeInteger(packets) || packets < 1)
      throw new RangeError(`packets must be a whole number from 1: ${packets}`);
    this.pause();
    if (this.#native === undefined) this.#stepsBefore += packets;
    else this.#native.step(packets);
  }
}
