// A consumer that stands still (SIGSTOP), beside one that goes on: what the tap costs and loses before, meanwhile and after.

import { setTimeout as delay } from 'node:timers/promises';
import { tapStats } from 'pkttap';
import { programCommand, startTapAndConsumer } from './captors.js';
import { cpuSecondsOf, start } from './process.js';

const SETTLE_MS = 500;

/** @typedef {{ when: string, packets: number, lost: number, cpuPerMillion: number }} Phase of the tap alone */

/**
 * @param {{ cable: import('./cable.js').Cable, directory: string, pps: number, seconds: number }} options
 * @returns {Promise<{ phases: Phase[], missed: number }>} `missed`: by the consumer that stood still
 */
export async function measureStopped({ cable, directory, pps, seconds }) {
  const { tap, consumer } = await startTapAndConsumer(cable, { directory, reader: 'decode-tap' });
  const sleeper = start(programCommand('decode-tap'), { env: { PKTTAP_DIR: directory } });
  await sleeper.until('listening');
  const measure = async (/** @type {string} */ when) => {
    const before = await look();
    await cable.send(Math.round(pps * seconds), pps);
    await delay(SETTLE_MS);
    const after = await look();
    const packets = after.arrived - before.arrived;
    const lost = packets - (after.published - before.published);
    return { when, packets, lost, cpuPerMillion: ((after.cpu - before.cpu) / packets) * 1e6 };
  };
  const look = async () => {
    const { published } = await tapStats('bench', { directory });
    return { published, arrived: cable.arrived(), cpu: cpuSecondsOf([tap.pid]) };
  };
  const phases = [await measure('before')];
  process.kill(sleeper.pid, 'SIGSTOP');
  phases.push(await measure('stopped'));
  process.kill(sleeper.pid, 'SIGCONT');
  phases.push(await measure('after'));
  await tap.end('SIGINT');
  await consumer.end();
  const missed = Number(/(\d+) missed/.exec(await sleeper.end())?.[1]);
  return { phases, missed };
}
