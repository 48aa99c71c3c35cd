// Packets as lines of text on standard output.

import type { PacketBatch } from '../ring/packet-batch.js';
import { formatLine, type LineOptions } from '../sink/line.js';
import { print } from './output.js';
import type { PacketOutput } from './packet-output.js';

/** Lines gathered before they are written: a terminal sees them at once, a busy tap costs few system calls. */
const LINES_PER_WRITE = 512;

export function openLines(options: LineOptions): PacketOutput {
  let packets = 0;
  let torn = 0;
  const write = async (batch: PacketBatch): Promise<boolean> => {
    let lines: string[] = [];
    for (const packet of batch) {
      const line = formatLine(packet, options);
      packets++;
      // What the tap overwrote while we looked at it would be nonsense.
      if (packet.isIntact()) lines.push(line);
      else torn++;
      if (lines.length < LINES_PER_WRITE) continue;
      if (!(await print(`${lines.join('\n')}\n`))) return false;
      lines = [];
    }
    return lines.length === 0 || (await print(`${lines.join('\n')}\n`));
  };
  return {
    get packets() {
      return packets;
    },
    write,
    timeUp: async () => true,
    close: async () => {},
    summary: () => (torn === 0 ? [] : [`${torn} overwritten while they were printed, and left out`]),
  };
}
