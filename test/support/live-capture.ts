// A live capture into a test's ring, started, and stopped whatever becomes of the test.

import { type LiveOptions, type LiveSource, openLive } from '../../src/source/live.js';
import type { SourceEnd } from '../../src/source/packet-source.js';
import type { TestRing } from './test-ring.js';

/** A capture that runs, and the promise of its end. `await using` stops it before the ring goes. */
export interface LiveCapture extends AsyncDisposable {
  readonly source: LiveSource;
  readonly ended: Promise<SourceEnd>;
  /** Stops it and waits for its end. */
  finish(): Promise<SourceEnd>;
}

export function startLive(ring: TestRing, devices: readonly string[], options: LiveOptions = {}): LiveCapture {
  const source = openLive(devices, options);
  const ended = new Promise<SourceEnd>((resolve) => source.start(ring.handle, resolve));
  const finish = () => {
    source.stop();
    return ended;
  };
  const abort = async () => {
    source.stop();
    await finish();
  };
  return { source, ended, finish, [Symbol.asyncDispose]: abort };
}
