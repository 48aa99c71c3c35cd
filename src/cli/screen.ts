// A terminal's whole screen, for a view that is painted again and again. The terminal is as before when it is closed, however the
// command ends, and while it is suspended.

import { readKeys } from './terminal-keys.js';

/** The alternate screen and no cursor; and back (xterm's control sequences, which terminals have in common). */
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** The size of terminals that don't tell theirs. */
const ROWS = 24;
const COLUMNS = 80;

/** What a view wants to hear of. */
export interface ScreenEvents {
  onKey(key: string): void;
  /** Paint again: the size has changed, or the screen was somebody else's. */
  onRepaint(): void;
}

/** A screen that is open. */
export interface Screen extends Disposable {
  readonly rows: number;
  /** Cuts what has no room. */
  paint(lines: readonly string[]): void;
}

/** Takes the screen; undefined where standard output is no terminal. */
export function openScreen({ onKey, onRepaint }: ScreenEvents): Screen | undefined {
  const { stdout } = process;
  if (!stdout.isTTY) return undefined;
  const enter = () => void stdout.write(ENTER);
  const leave = () => void stdout.write(LEAVE);
  const onResume = () => {
    enter();
    onRepaint();
  };
  enter();
  const keys = readKeys({ onKey, onSuspend: leave, onResume });
  stdout.on('resize', onRepaint);
  // A second Ctrl-C ends the process at once.
  process.once('exit', leave);
  return {
    get rows() {
      return stdout.rows || ROWS;
    },
    paint: (lines) => {
      const shown = lines
        .slice(0, stdout.rows || ROWS)
        .map((line) => line.slice(0, stdout.columns || COLUMNS) + CLEAR_LINE);
      stdout.write(HOME + shown.join('\r\n') + CLEAR_BELOW);
    },
    [Symbol.dispose]: () => {
      keys?.[Symbol.dispose]();
      stdout.off('resize', onRepaint);
      process.off('exit', leave);
      leave();
    },
  };
}
