// npm run bench -- channel: messages between two processes, of 1 B to 8 MiB, there and back one at a time, and one way as
// fast as they go, beside what Node has itself and a socket with msgpackr. In interleaved rounds, after a warm-up.
//
//   node bench/run.js channel [--rounds N] [--json]

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureFloor } from './channel/floor.js';
import { PEERS } from './channel/peers.js';
import { describeMachine } from './support/machine.js';
import { median } from './support/sample.js';
import { align } from './support/table.js';

const SIZES = [1, 64, 1024, 16 << 10, 64 << 10, 1 << 20, 8 << 20];

/** What a round of a cell moves: this many bytes, or this many messages. */
const BYTES = 256 << 20;
const MESSAGES = { roundTrip: 2_000, oneWay: 20_000 };

const options = /** @type {const} */ ({ rounds: { type: 'string' }, json: { type: 'boolean' } });
const { values } = parseArgs({ args: process.argv.slice(3), options });
const rounds = Number(values.rounds ?? 5);

/** @typedef {{ size: number, roundTripUs: number[], messagesPerSecond: number[] }} Row */

/** @type {Row[]} */
const rows = [];
const peers = await Promise.all(Object.keys(PEERS).map(openPeer));
for (const size of SIZES) {
  process.stderr.write(`bench: channel: ${size} bytes\n`);
  rows.push({ size, ...(await measure(size)) });
}
for (const peer of peers) peer.close();
const floor = measureFloor(SIZES);
process.stdout.write(values.json ? `${JSON.stringify({ rows, floor }, null, 2)}\n` : format());

/** @param {string} key */
async function openPeer(key) {
  const peer = PEERS[/** @type {keyof typeof PEERS} */ (key)];
  const program = fileURLToPath(new URL('programs/channel-peer.js', import.meta.url));
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  const link = await peer.open((address) => {
    child = fork(program, [key, address], { serialization: 'advanced' });
    return child;
  });
  /** @type {() => void} */
  let answered = () => {};
  void link.listen(() => answered());
  return {
    name: peer.name,
    prepare: 'prepare' in link ? link.prepare : () => {},
    send: link.send,
    answer: () =>
      new Promise((resolve) => {
        answered = () => resolve(undefined);
      }),
    close() {
      link.close();
      child?.kill();
    },
  };
}

/** @param {number} size */
async function measure(size) {
  /** @type {number[][]} */
  const roundTrips = peers.map(() => []);
  /** @type {number[][]} */
  const rates = peers.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, peer] of peers.entries()) {
      const roundTrip = await timeRoundTrips(peer, size);
      const rate = await timeOneWay(peer, size);
      if (round === 0) continue;
      roundTrips[i].push(roundTrip);
      rates[i].push(rate);
    }
  }
  return { roundTripUs: roundTrips.map(median), messagesPerSecond: rates.map(median) };
}

/** @typedef {Awaited<ReturnType<typeof openPeer>>} Peer */

/** @param {Peer} peer @param {number} size @returns {Promise<number>} microseconds, the median of a round's messages */
async function timeRoundTrips(peer, size) {
  const count = Math.max(8, Math.min(MESSAGES.roundTrip, Math.floor(BYTES / size / 4)));
  const message = new Uint8Array(size).fill(1);
  peer.prepare(message);
  /** @type {number[]} */
  const times = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    const answer = peer.answer();
    await peer.send(message);
    await answer;
    times.push((performance.now() - start) * 1000);
  }
  return median(times);
}

/** @param {Peer} peer @param {number} size @returns {Promise<number>} messages per second */
async function timeOneWay(peer, size) {
  const count = Math.max(4, Math.min(MESSAGES.oneWay, Math.floor(BYTES / size)));
  const message = new Uint8Array(size);
  const last = new Uint8Array(size).fill(2);
  peer.prepare(message);
  const answer = peer.answer();
  const start = performance.now();
  for (let i = 1; i < count; i++) await peer.send(message);
  await peer.send(last);
  await answer;
  return (count * 1000) / (performance.now() - start);
}

function format() {
  const { cores, cpu, load, kernel, node } = describeMachine();
  const head = `${cores} cores, ${cpu}, load before the run ${load.toFixed(2)}, Linux ${kernel}, Node ${node}\n`;
  // Node's own is what the others are compared with.
  const base = Object.keys(PEERS).indexOf('processSend');
  const columns = ['message', ...peers.flatMap(({ name }, i) => (i === base ? [name] : [name, 'ratio']))];
  /** @param {(row: Row, i: number) => number} value @param {(row: Row, i: number) => number} ratio */
  const table = (value, ratio) => {
    const cells = (/** @type {Row} */ row, /** @type {number} */ i) =>
      i === base ? [value(row, i).toFixed(1)] : [value(row, i).toFixed(1), `${ratio(row, i).toFixed(1)}x`];
    return align([columns, ...rows.map((row) => [sizeName(row.size), ...peers.flatMap((_, i) => cells(row, i))])]);
  };
  const trips = table(
    ({ roundTripUs }, i) => roundTripUs[i],
    ({ roundTripUs }, i) => roundTripUs[base] / roundTripUs[i],
  );
  const rates = table(
    ({ messagesPerSecond }, i) => messagesPerSecond[i] / 1000,
    ({ messagesPerSecond }, i) => messagesPerSecond[i] / messagesPerSecond[base],
  );
  const tables = `There and back, us; median of ${rounds} rounds\n${trips}\nOne way, thousand messages a second\n${rates}`;
  return `${head}\n${tables}${formatFloor()}`;
}

function formatFloor() {
  if (floor === undefined) return '';
  const cells = floor.map(({ socket, memory }, i) => [sizeName(SIZES[i]), socket, memory]);
  const table = align([['message', 'socket, both asleep', 'memory, one copy each way'], ...cells]);
  return `\nThe machine itself, in C, there and back on two cores, us\n${table}`;
}

/** @param {number} bytes */
function sizeName(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1 << 20 ? `${bytes >> 10} KiB` : `${bytes >> 20} MiB`;
}
