// A cable for the capture bench: a veth pair whose far end lies in a network namespace of its own, so that nothing but the
// bench's packets comes by, and a program at the near end that sends as fast as it goes, or at a rate.

import { execFile, execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeFrame } from '../support/frame.js';

const run = promisify(execFile);

/** Bytes of each packet: the least that Ethernet carries, its checksum aside. */
export const FRAME_BYTES = 60;
const FLOW = { source: 0x0a000001, destination: 0x0a000002, sourcePort: 4000, destinationPort: 53, protocol: 17 };

/**
 * @typedef {object} Cable
 * @property {string} far the device to capture from
 * @property {(command: string[]) => string[]} inside the command, where the far end is
 * @property {(packets: number, pps?: number) => Promise<void>} send without a rate: as fast as it goes; with one, in bursts
 * @property {(packets: number) => Promise<void>} trickle one by one, a ms apart
 * @property {() => number} arrived packets at the far end so far: those that whoever captures there can have
 * @property {() => void} close
 */

/**
 * Needs root, ip and trafgen.
 *
 * @param {string} directory for files of its own
 * @returns {Cable}
 */
export function makeCable(directory) {
  const [space, near, far] = ['', 'a', 'b'].map((end) => `pc${process.pid}${end}`);
  const inside = (/** @type {string[]} */ command) => ['ip', 'netns', 'exec', space, ...command];
  const sh = (/** @type {string} */ script) => execFileSync('sh', ['-ec', script]);
  const quiet = (/** @type {string} */ device) => `sysctl -qw net.ipv6.conf.${device}.disable_ipv6=1 || true`;
  sh(`ip netns add ${space}; ip link add ${near} type veth peer name ${far} netns ${space}
    ${quiet(near)}; ip netns exec ${space} sh -c '${quiet(far)}'
    ip link set ${near} arp off up; ip -n ${space} link set ${far} arp off up`);
  const recipe = join(directory, 'frame.trafgen');
  writeFileSync(recipe, `{ ${[...makeFrame(FLOW, FRAME_BYTES)].join(', ')} }\n`);
  const trafgen = async (/** @type {number} */ packets, /** @type {string[]} */ pace) => {
    await run('trafgen', ['--dev', near, '--conf', recipe, '--num', String(packets), '--cpus', '1', ...pace]);
  };

  return {
    far,
    inside,
    send: (packets, pps) => trafgen(packets, pps === undefined ? [] : ['--rate', `${Math.round(pps)}pps`]),
    trickle: (packets) => trafgen(packets, ['--gap', '1ms']),
    arrived() {
      const [command, ...words] = inside(['cat', `/sys/class/net/${far}/statistics/rx_packets`]);
      return Number(execFileSync(command, words));
    },
    close: () => void sh(`ip link delete ${near}; ip netns delete ${space}`),
  };
}

/** Why there can't be a cable here; undefined if there can. */
export function whyNoCable() {
  if (process.getuid?.() !== 0) return 'needs root, to make network devices';
  const missing = ['ip', 'trafgen', 'tcpdump', 'dumpcap'].filter((name) => !isThere(name));
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`;
}

/** @param {string} program */
function isThere(program) {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}
