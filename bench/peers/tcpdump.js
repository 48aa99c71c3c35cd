// libpcap's own reading: `tcpdump -r FILE -w /dev/null`, which decodes nothing. The start of the process is taken out by
// subtracting the fastest run on a file that holds no packet.

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileHeader } from '../support/classic-pcap.js';

export const name = 'tcpdump';
export const how = '-r FILE -w /dev/null, one process, decodes nothing';

const run = promisify(execFile);

/** Runs on the empty file. */
const BASELINE_RUNS = 5;

/** The shell's own clock: seconds real, user and system, and no start of a shell in them. */
const SCRIPT = 'TIMEFORMAT="%3R %3U %3S"; time tcpdump -r "$1" -w /dev/null 2>/dev/null';

/** @param {{ directory: string }} options */
export async function open({ directory }) {
  const empty = join(directory, 'empty.pcap');
  writeFileSync(empty, fileHeader());
  const starts = [];
  for (let i = 0; i < BASELINE_RUNS; i++) starts.push(await time(empty));
  const start = starts.reduce((best, one) => (one.seconds < best.seconds ? one : best));

  return {
    /**
     * @param {import('../generate.js').Savefile} savefile
     * @returns {Promise<import('../support/sample.js').Sample>}
     */
    async run({ path }) {
      const whole = await time(path);
      return { seconds: whole.seconds - start.seconds, cpuSeconds: whole.cpuSeconds - start.cpuSeconds, results: [] };
    },

    close() {},
  };
}

/** @param {string} path */
async function time(path) {
  const { stderr } = await run('bash', ['-c', SCRIPT, 'bash', path], { env: { ...process.env, LC_ALL: 'C' } });
  const [seconds, user, system] = stderr.trim().split(' ').map(Number);
  return { seconds, cpuSeconds: user + system };
}
