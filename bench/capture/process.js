// A program that the capture bench watches: what it says, what it costs, and its end.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_MS = 10;

/**
 * @typedef {object} Program
 * @property {number} pid
 * @property {() => string} said on standard error and output so far
 * @property {(words: string) => Promise<void>} until resolves when it has said so
 * @property {(signal?: NodeJS.Signals) => Promise<string>} end sends the signal, if one is needed, and gives all that it said
 */

/**
 * @param {string[]} command
 * @param {{ env?: Record<string, string> }} [options]
 * @returns {Program}
 */
export function start([command, ...words], { env = {} } = {}) {
  const child = spawn(command, words, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const closed = once(child, 'close');
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  return {
    pid: /** @type {number} */ (child.pid),
    said: () => text,
    async until(words) {
      while (!text.includes(words)) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${command} ended: ${text}`);
        await delay(LOOK_MS);
      }
    },
    async end(signal) {
      if (signal !== undefined) child.kill(signal);
      await closed;
      return text;
    },
  };
}

/** Seconds of CPU that these processes have used so far, with all threads that they still have. @param {number[]} pids */
export function cpuSecondsOf(pids) {
  const threads = pids.flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((id) => `/proc/${pid}/task/${id}/schedstat`),
  );
  return threads.reduce((sum, path) => sum + Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e9, 0);
}

/** A shell's pipeline, in its order. @param {number} pid of the shell */
export function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

/** The number in front of the words, or behind them. @param {string} text @param {RegExp} pattern with one group */
export function numberIn(text, pattern) {
  const match = pattern.exec(text);
  if (match === null) throw new Error(`no ${pattern} in: ${text}`);
  return Number(match[1]);
}
