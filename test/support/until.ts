// Waiting for what another thread or process does, without guessing how long that takes: the test's own timeout is the
// watchdog.

import { setImmediate, setTimeout } from 'node:timers/promises';

/** Resolves once the condition holds. Looks again and again, at first at each turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  for (let looks = 0; !condition(); looks++) await (looks < 100 ? setImmediate() : setTimeout(2));
}

/** What `look` finds, once it finds something. */
export async function untilFound<T>(look: () => T | undefined): Promise<T> {
  let found: T | undefined;
  await until(() => {
    found = look();
    return found !== undefined;
  });
  return found!;
}
