// A replay at one's fingertips: keys of the terminal pause it, step through it and end it. Where there is no terminal, or it
// belongs to another program (the replay runs in the background), nothing is read and nothing is changed.

import { readFileSync } from 'node:fs';
import type { SourceControl } from '../source/packet-source.js';

/** What the keys act upon. */
export interface KeyActions {
  readonly control: SourceControl;
  quit(): void;
  say(line: string): void;
}

/** One line that names the keys. */
export const KEYS_HINT = 'keys: space pauses and resumes, n steps by one packet, q quits';

const CTRL_C = '\x03';
const CTRL_Z = '\x1a';
const RIGHT = '\x1b[C';
const KEYS = new RegExp(`${RIGHT.replace('[', '\\[')}|.`, 'gsu');

/** Reads keys until disposed of, and gives the terminal back as it was. undefined: there is none to read from. */
export function readKeys(actions: KeyActions): Disposable | undefined {
  const { stdin } = process;
  if (!stdin.isTTY || !ownsTerminal()) return undefined;
  const onData = (text: string) => {
    for (const [key] of text.matchAll(KEYS)) press(key, actions);
  };
  const onContinue = () => {
    if (ownsTerminal()) stdin.setRawMode(true);
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

function press(key: string, actions: KeyActions): void {
  const { control, say } = actions;
  if (key === ' ') togglePause(control, say);
  else if (key === 'n' || key === RIGHT) control.step(1);
  else if (key === 'q') actions.quit();
  // A terminal that hands over single keys makes no signals of these two any more.
  else if (key === CTRL_C) process.kill(process.pid, 'SIGINT');
  else if (key === CTRL_Z) suspend();
}

function togglePause(control: SourceControl, say: (line: string) => void): void {
  say(control.paused ? 'resumed' : 'paused');
  if (control.paused) control.resume();
  else control.pause();
}

/** The shell that we return to expects its terminal as it was. */
function suspend(): void {
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
