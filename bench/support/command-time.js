// How long a command that reads a savefile takes, by the shell's own clock: no start of a shell is in it.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs on a file that has next to nothing to read: the fastest is what starting takes. */
const BASELINE_RUNS = 5;

/**
 * @typedef {object} Time
 * @property {number} seconds
 * @property {number} cpuSeconds user and system
 */

/**
 * @param {string} command for bash; "$1" is the file
 * @param {string} path
 * @returns {Promise<Time>}
 */
export async function timeCommand(command, path) {
  const script = `TIMEFORMAT="%3R %3U %3S"; time ${command} >/dev/null 2>/dev/null`;
  const { stderr } = await run('bash', ['-c', script, 'bash', path], { env: { ...process.env, LC_ALL: 'C' } });
  const [seconds, user, system] = stderr.trim().split(' ').map(Number);
  return { seconds, cpuSeconds: user + system };
}

/**
 * @param {string} command
 * @param {string} empty a savefile with next to nothing in it
 */
export async function timeStart(command, empty) {
  const starts = [];
  for (let i = 0; i < BASELINE_RUNS; i++) starts.push(await timeCommand(command, empty));
  return starts.reduce((best, one) => (one.seconds < best.seconds ? one : best));
}
