// From the kernel's timestamp to a JavaScript callback, with a packet about every ms: a tap's consumer, and a reader of what
// tcpdump writes into a pipe, each in the mode that holds nothing back and in the default one.

import { setTimeout as delay } from 'node:timers/promises';
import { startPipeline, startTapAndConsumer } from './captors.js';

const PACKETS = 3000;
const SETTLE_MS = 500;

/** @typedef {{ packets: number, p50Us: number, p99Us: number }} Latency */

/** @param {{ cable: import('./cable.js').Cable, directory: string }} options */
export async function measureLatency({ cable, directory }) {
  const ours = (/** @type {string[]} */ options) => timeTap(cable, { directory, options });
  const theirs = (/** @type {string[]} */ options) => timeTcpdump(cable, options);
  return [
    { name: 'pkttap --immediate-mode', ...(await ours(['--immediate-mode'])) },
    { name: 'tcpdump --immediate-mode -U |', ...(await theirs(['--immediate-mode', '-U'])) },
    { name: 'pkttap', ...(await ours([])) },
    { name: 'tcpdump -U |', ...(await theirs(['-U'])) },
  ];
}

/**
 * @param {import('./cable.js').Cable} cable
 * @param {{ directory: string, options: string[] }} wanted
 * @returns {Promise<Latency>}
 */
async function timeTap(cable, { directory, options }) {
  const { tap, consumer } = await startTapAndConsumer(cable, { directory, reader: 'time-tap', options });
  await feed(cable);
  await tap.end('SIGINT');
  return lastLine(await consumer.end());
}

/**
 * @param {import('./cable.js').Cable} cable
 * @param {string[]} options
 * @returns {Promise<Latency>}
 */
async function timeTcpdump(cable, options) {
  const nanoseconds = '--time-stamp-precision=nano';
  const { end } = await startPipeline(cable, { reader: 'time-stream', options: [...options, nanoseconds] });
  await feed(cable);
  return lastLine(await end());
}

/** @param {import('./cable.js').Cable} cable */
async function feed(cable) {
  await delay(SETTLE_MS);
  await cable.trickle(PACKETS);
  await delay(SETTLE_MS);
}

/** @param {string} text @returns {Latency} */
function lastLine(text) {
  return JSON.parse(/** @type {string} */ (text.split('\n').find((line) => line.startsWith('{'))));
}
