// A replay at one's fingertips: keys of the terminal pause it, step through it and end it.

import type { SourceControl } from '../source/packet-source.js';
import { RIGHT, readKeys } from './terminal-keys.js';

/** What the keys act upon. */
export interface KeyActions {
  readonly control: SourceControl;
  quit(): void;
  say(line: string): void;
}

/** One line that names the keys. */
export const KEYS_HINT = 'keys: space pauses and resumes, n steps by one packet, q quits';

/** As readKeys(). */
export function readReplayKeys(actions: KeyActions): Disposable | undefined {
  return readKeys({ onKey: (key) => press(key, actions) });
}

function press(key: string, actions: KeyActions): void {
  const { control, say } = actions;
  if (key === ' ') togglePause(control, say);
  else if (key === 'n' || key === RIGHT) control.step(1);
  else if (key === 'q') actions.quit();
}

function togglePause(control: SourceControl, say: (line: string) => void): void {
  say(control.paused ? 'resumed' : 'paused');
  if (control.paused) control.resume();
  else control.pause();
}
