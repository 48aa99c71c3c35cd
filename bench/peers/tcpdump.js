// libpcap's own reading: `tcpdump -r FILE -w /dev/null`, which decodes nothing. The start of the process is taken out by
// subtracting the fastest run on a file that holds no packet.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileHeader } from '../support/classic-pcap.js';
import { timeCommand, timeStart } from '../support/command-time.js';

export const name = 'tcpdump';
export const how = '-r FILE -w /dev/null, one process, decodes nothing';

const COMMAND = 'tcpdump -r "$1" -w /dev/null';

/** @param {{ directory: string }} options */
export async function open({ directory }) {
  const empty = join(directory, 'empty.pcap');
  writeFileSync(empty, fileHeader());
  const start = await timeStart(COMMAND, empty);

  return {
    /**
     * @param {import('../generate.js').Savefile} savefile
     * @returns {Promise<import('../support/sample.js').Sample>}
     */
    async run({ path }) {
      const whole = await timeCommand(COMMAND, path);
      return { seconds: whole.seconds - start.seconds, cpuSeconds: whole.cpuSeconds - start.cpuSeconds, results: [] };
    },

    close() {},
  };
}
