// Who captures, beside each other on the same cable: each is started, is asked for what it costs, and at its end tells how
// many packets it has.

import { fileURLToPath } from 'node:url';
import { childrenOf, cpuSecondsOf, numberIn, start } from './process.js';

/**
 * @typedef {object} Captor
 * @property {() => number} cpuSeconds used so far
 * @property {() => Promise<{ packets: number }>} stop
 *
 * @typedef {object} CaptorKind
 * @property {string} name
 * @property {string} how
 * @property {(cable: import('./cable.js').Cable, directory: string) => Promise<Captor>} open
 */

const PKTTAP = fileURLToPath(new URL('../../bin/pkttap.js', import.meta.url));
const program = (/** @type {string} */ name) => fileURLToPath(new URL(`../programs/${name}.js`, import.meta.url));

/** The kernel's buffer, in MiB, for all that can choose. */
const BUFFER_MIB = 16;

/** `pkttap capture` as a command. @param {string} device @param {string[]} more */
export function captureCommand(device, ...more) {
  return ['node', PKTTAP, 'capture', device, '--tap', 'bench', '-B', `${BUFFER_MIB}M`, ...more];
}

/** A process that consumes in a way of its own. @param {string} name @param {string[]} args */
export function programCommand(name, ...args) {
  return ['node', program(name), ...args];
}

/** @type {CaptorKind[]} */
export const ALONE = [
  {
    name: 'pkttap',
    how: 'capture, nobody attached, a ring of 64 MiB',
    open: (cable, directory) =>
      single(cable, captureCommand(cable.far), {
        directory,
        ready: 'attach with',
        packets: /(\d+) packets? captured/,
      }),
  },
  {
    name: 'tcpdump',
    how: '-w /dev/null',
    open: (cable, directory) =>
      single(cable, ['tcpdump', '-i', cable.far, '-B', String(BUFFER_MIB * 1024), '-w', '/dev/null'], {
        directory,
        ready: 'listening on',
        packets: /(\d+) packets? captured/,
      }),
  },
  {
    name: 'dumpcap',
    how: '-w /dev/null',
    open: (cable, directory) =>
      single(cable, ['dumpcap', '-i', cable.far, '-B', String(BUFFER_MIB), '-w', '/dev/null'], {
        directory,
        ready: 'File:',
        packets: /Packets captured: (\d+)/,
      }),
  },
  {
    name: 'cap',
    how: 'the package, an event for each packet, which does nothing',
    open: (cable, directory) =>
      single(cable, programCommand('cap-count', cable.far, String(BUFFER_MIB << 20)), {
        directory,
        ready: 'listening',
        packets: /(\d+) packets/,
      }),
  },
];

/** @type {CaptorKind[]} */
export const WITH_CONSUMER = [
  { name: 'pkttap', how: 'capture, and a consumer that decodes, in JavaScript', open: tapAndConsumer },
  {
    name: 'tcpdump | pcap-parser',
    how: '-w -, and a process with the package pcap-parser that decodes',
    open: tcpdumpAndParser,
  },
];

/**
 * @param {import('./cable.js').Cable} cable
 * @param {string[]} command
 * @param {{ directory: string, ready: string, packets: RegExp }} options
 * @returns {Promise<Captor>}
 */
async function single(cable, command, { directory, ready, packets }) {
  const running = start(cable.inside(command), { env: { PKTTAP_DIR: directory } });
  await running.until(ready);
  return {
    cpuSeconds: () => cpuSecondsOf([running.pid]),
    stop: async () => ({ packets: numberIn(await running.end('SIGINT'), packets) }),
  };
}

/**
 * @param {import('./cable.js').Cable} cable
 * @param {string} directory
 * @returns {Promise<Captor>}
 */
async function tapAndConsumer(cable, directory) {
  const { tap, consumer } = await startTapAndConsumer(cable, { directory, reader: 'decode-tap' });
  return {
    cpuSeconds: () => cpuSecondsOf([tap.pid, consumer.pid]),
    stop: async () => {
      await tap.end('SIGINT');
      return { packets: numberIn(await consumer.end(), /(\d+) packets/) };
    },
  };
}

/**
 * @param {import('./cable.js').Cable} cable
 * @param {{ directory: string, reader: string, options?: string[] }} wanted `reader`: a program that attaches
 */
export async function startTapAndConsumer(cable, { directory, reader, options = [] }) {
  const env = { PKTTAP_DIR: directory };
  const tap = start(cable.inside(captureCommand(cable.far, ...options)), { env });
  await tap.until('attach with');
  const consumer = start(programCommand(reader), { env });
  await consumer.until('listening');
  return { tap, consumer };
}

/**
 * @param {import('./cable.js').Cable} cable
 * @returns {Promise<Captor>}
 */
async function tcpdumpAndParser(cable) {
  const { pids, end } = await startPipeline(cable, { reader: 'decode-stream' });
  return {
    cpuSeconds: () => cpuSecondsOf(pids),
    stop: async () => ({ packets: numberIn(await end(), /(\d+) packets decoded/) }),
  };
}

/**
 * tcpdump, into a real pipe, into a program that reads it.
 *
 * @param {import('./cable.js').Cable} cable
 * @param {{ reader: string, options?: string[] }} wanted
 */
export async function startPipeline(cable, { reader, options = [] }) {
  const tcpdump = ['tcpdump', '-i', cable.far, '-B', String(BUFFER_MIB * 1024), '-w', '-', ...options];
  const script = `${tcpdump.join(' ')} | ${programCommand(reader).join(' ')}`;
  const shell = start(cable.inside(['bash', '-c', script]));
  await shell.until('listening on');
  await shell.until('listening\n');
  const pids = childrenOf(shell.pid);
  const end = () => {
    process.kill(pids[0], 'SIGINT');
    return shell.end();
  };
  return { pids, end };
}
