// npm run bench -- packet-ipc: packets from one process to one and to eight others, in batches of 1, 100 and 1000, of 64, 512
// and 1500 bytes, each packet's first byte read; beside what packet-ipc 0.15 did in the same cells.
//
//   node bench/run.js packet-ipc [--rounds N] [--json]

import { parseArgs } from 'node:util';
import { toSeconds } from './support/clock.js';
import { describeMachine } from './support/machine.js';
import { median } from './support/sample.js';
import { align } from './support/table.js';
import { Worker } from './support/worker.js';

/** Millions of packets a second that packet-ipc 0.15 sent, on two cores: [size, batch, clients, rate]. */
const CELLS = [
  [64, 1, 1, 0.13],
  [64, 100, 1, 2.8],
  [64, 1000, 1, 4.3],
  [512, 1, 1, 0.22],
  [512, 100, 1, 2.9],
  [512, 1000, 1, 2.6],
  [1500, 1, 1, 0.17],
  [1500, 100, 1, 2.1],
  [1500, 1000, 1, 1.2],
  [512, 100, 8, 0.6],
];

/** What a round of a cell moves, whichever is less. */
const MOST_BYTES = 1 << 30;
const MOST_PACKETS = 2_000_000;
const MOST_BATCHES = 500_000;

const options = /** @type {const} */ ({ rounds: { type: 'string' }, json: { type: 'boolean' } });
const { values } = parseArgs({ args: process.argv.slice(3), options });
const rounds = Number(values.rounds ?? 5);

const rows = [];
for (const [size, batch, clients, theirs] of CELLS) {
  process.stderr.write(`bench: packet-ipc: ${size} bytes, batches of ${batch}, ${clients} client(s)\n`);
  rows.push({ size, batch, clients, theirs, ours: await measure({ size, batch, clients }) });
}
process.stdout.write(values.json ? `${JSON.stringify(rows, null, 2)}\n` : format());

/** @param {{ size: number, batch: number, clients: number }} cell @returns {Promise<number>} millions a second */
async function measure({ size, batch, clients }) {
  const most = Math.min(MOST_PACKETS, MOST_BATCHES * batch, Math.floor(MOST_BYTES / size));
  const packets = Math.floor(most / batch) * batch;
  const sender = new Worker('packet-sender');
  const readers = Array.from({ length: clients }, () => new Worker('packet-client'));
  try {
    const name = await sender.call('name');
    await Promise.all([
      sender.call('accept', { clients }),
      ...readers.map((reader) => reader.call('connect', { name })),
    ]);
    const rates = [];
    for (let round = 0; round <= rounds; round++) {
      const reading = readers.map((reader) => reader.call('read', { packets }));
      const { startNs } = await sender.call('send', { packets, batch, size });
      const ends = await Promise.all(reading);
      const seconds = toSeconds(Math.max(...ends.map(({ endNs }) => endNs)) - startNs);
      if (round > 0) rates.push(packets / seconds / 1e6);
    }
    return median(rates);
  } finally {
    for (const worker of [sender, ...readers]) worker.close();
  }
}

function format() {
  const { cores, cpu, load, kernel, node } = describeMachine();
  const head = `${cores} cores, ${cpu}, load before the run ${load.toFixed(2)}, Linux ${kernel}, Node ${node}\n`;
  const columns = ['bytes', 'batch', 'clients', 'Mpps', 'packet-ipc 0.15', 'ratio'];
  const cells = rows.map(({ size, batch, clients, ours, theirs }) => [
    ...[size, batch, clients].map(String),
    ours.toFixed(2),
    theirs.toFixed(2),
    `${(ours / theirs).toFixed(1)}x`,
  ]);
  return `${head}\nPackets from one process to others; median of ${rounds} rounds\n${align([columns, ...cells])}`;
}
