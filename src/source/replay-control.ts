// Pausing and stepping a replay: before its thread runs, while it does, and after its end, when nothing happens any more.

import type { NativeReplay } from '../native/core.js';
import type { SourceControl } from './packet-source.js';
import type { PlayTime } from './play-time.js';

/** The control of one replay. */
export class ReplayControl implements SourceControl {
  readonly #playTime: PlayTime | undefined;
  #native: NativeReplay | undefined;
  #pausedBefore = false;

  constructor(playTime: PlayTime | undefined) {
    this.#playTime = playTime;
  }

  /** From now on the thread is told. Call before it starts. */
  attach(native: NativeReplay): void {
    this.#native = native;
    if (this.#pausedBefore) native.pause();
    else this.#playTime?.run();
  }

  /** The replay has ended: nothing is paused any more. */
  detach(): void {
    this.#playTime?.pause();
    this.#native = undefined;
    this.#pausedBefore = false;
  }

  get paused(): boolean {
    return this.#native?.paused() ?? this.#pausedBefore;
  }

  pause(): void {
    this.#playTime?.pause();
    if (this.#native === undefined) this.#pausedBefore = true;
    else this.#native.pause();
  }

  resume(): void {
    this.#pausedBefore = false;
    if (this.#native === undefined) return;
    this.#native.resume();
    this.#playTime?.run();
  }

  step(packets: number): void {
    if (!Number.isSafeInteger(packets) || packets < 1)
      throw new RangeError(`packets must be a whole number from 1: ${packets}`);
    this.pause();
    this.#native?.step(packets);
  }
}
