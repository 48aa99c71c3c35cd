// Single keys of a terminal. Where there is no terminal, or it belongs to another program (we run in the background), nothing is
// read and nothing is changed. Ctrl-C and Ctrl-Z keep their meaning.

import { readFileSync } from 'node:fs';

/** What happens at the terminal. */
export interface KeyEvents {
  /** A character, or the sequence of a cursor key. */
  onKey(key: string): void;
  /** Ctrl-Z: before the shell has the terminal, and when we have it again. */
  onSuspend?(): void;
  onResume?(): void;
}

/** The sequence of the cursor key. */
export const RIGHT = '\x1b[C';

const CTRL_C = '\x03';
const CTRL_Z = '\x1a';
const KEYS = new RegExp(`${RIGHT.replace('[', '\\[')}|.`, 'gsu');

/** Reads keys until disposed of, and gives the terminal back as it was. undefined: there is none to read from. */
export function readKeys(events: KeyEvents): Disposable | undefined {
  const { stdin } = process;
  if (!stdin.isTTY || !ownsTerminal()) return undefined;
  const onData = (text: string) => {
    for (const [key] of text.matchAll(KEYS)) press(key, events);
  };
  const onContinue = () => {
    if (!ownsTerminal()) return;
    stdin.setRawMode(true);
    events.onResume?.();
  };
  stdin.setEncoding('utf8');
  stdin.setRawMode(true);
  stdin.on('data', onData);
  process.on('SIGCONT', onContinue);
  return {
    [Symbol.dispose]: () => {
      stdin.off('data', onData);
      process.off('SIGCONT', onContinue);
      if (ownsTerminal()) stdin.setRawMode(false);
      stdin.pause();
    },
  };
}

/** A terminal that hands over single keys makes no signals of these two any more. */
function press(key: string, events: KeyEvents): void {
  if (key === CTRL_C) process.kill(process.pid, 'SIGINT');
  else if (key === CTRL_Z) suspend(events);
  else events.onKey(key);
}

/** The shell that we return to expects its terminal as it was. */
function suspend(events: KeyEvents): void {
  events.onSuspend?.();
  process.stdin.setRawMode(false);
  process.kill(process.pid, 'SIGTSTP');
}

/** Whether we are in the foreground: who changes a terminal from the background is stopped by the kernel (SIGTTOU). */
function ownsTerminal(): boolean {
  // proc(5): the fields behind the name in parentheses, which may hold blanks, begin with the third.
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1)!.split(' ');
  const [processGroup, terminalGroup] = [fields[2], fields[5]];
  return processGroup === terminalGroup;
}
