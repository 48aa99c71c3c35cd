// The tap that comes after one that has gone: dialed in the background until it is there. One that still has the ring we know
// is the old one, about to go; it is asked again a little later.

import { setTimeout as delay } from 'node:timers/promises';
import { TapError } from '../errors.js';
import { core } from '../native/core.js';
import type { Dialed } from './dial.js';

/** Dials with `resume` as where we were, and waits for the tap to come. */
export type Redial = (resume: string, signal: AbortSignal) => Promise<Dialed>;

/** Between two looks at a tap that is about to go, in milliseconds. */
const STEP_MS = 50;

/** Errors of a tap that goes while we dial it. */
const PASSING: readonly string[] = ['ERR_TAP_DIED', 'ERR_TAP_TIMEOUT'];

/** What becomes of dialing. */
export type Found = { readonly dialed: Dialed } | { readonly error: unknown };

/** OWNER: whoever has it takes what was found, or closes it. */
export class Successor {
  readonly #abort = new AbortController();
  #found: Found | undefined;

  /** `onFound` is called once, unless it is closed first. */
  constructor(redial: Redial, place: string, onFound: () => void) {
    void this.#look(redial, place).then((found) => {
      if (this.#abort.signal.aborted) return found !== undefined && 'dialed' in found && hangUp(found.dialed);
      this.#found = found;
      onFound();
    });
  }

  /** The new tap, or why there is none: whose it is from now on. Undefined: not yet. */
  take(): Found | undefined {
    const found = this.#found;
    this.#found = undefined;
    return found;
  }

  get isFound(): boolean {
    return this.#found !== undefined;
  }

  /** Gives up. */
  close(): void {
    this.#abort.abort();
    const found = this.take();
    if (found !== undefined && 'dialed' in found) hangUp(found.dialed);
  }

  async #look(redial: Redial, place: string): Promise<Found | undefined> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        const dialed = await redial(place, signal);
        if (!dialed.welcome.session?.resumed) return { dialed };
        hangUp(dialed);
      } catch (error) {
        if (!(error instanceof TapError && PASSING.includes(error.code))) return { error };
      }
      await delay(STEP_MS, undefined, { signal }).catch(() => {});
    }
    return undefined;
  }
}

function hangUp({ connection, fds }: Dialed): void {
  for (const fd of fds) core().closeFd(fd);
  connection.close();
}
