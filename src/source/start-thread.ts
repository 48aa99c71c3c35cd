// A source's native thread. That the system has none to give is an end like any other, told to whoever waits for the end.

import { TapError } from '../errors.js';
import { explain } from '../native/failure.js';
import type { SourceEnd } from './packet-source.js';

/**
 * Calls `start`. If it fails, the source has ended with ERR_TAP_SYSTEM: `onEnd` is called from a microtask, and this returns
 * false. `what` couldn't be done, for example `can't start the replay's thread`.
 */
export function startThread(start: () => void, what: string, onEnd: (end: SourceEnd) => void): boolean {
  try {
    start();
    return true;
  } catch (cause) {
    const error = explain(cause, 'ERR_TAP_SYSTEM', what);
    if (!(error instanceof TapError)) throw error;
    queueMicrotask(() => onEnd({ reason: 'failed', error }));
    return false;
  }
}
