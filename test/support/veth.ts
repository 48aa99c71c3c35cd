// A pair of virtual Ethernet devices, a cable with two ends: what one sends, the other receives. Quiet by itself (no IPv6,
// no ARP), so that what is captured is what a test sent. Needs root, in whatever network namespace the test runs in.

import { readFileSync } from 'node:fs';
import { output, run } from './run.js';
import { until } from './until.js';

/** A pair that is up. `await using` deletes it. */
export interface VethPair extends AsyncDisposable {
  /** The end that packets are sent from. */
  readonly near: string;
  /** The end that they arrive at. */
  readonly far: string;
  /**
   * Sends a savefile's packets, as fast as it goes or at tcpreplay's `pace`. They arrive in their order, and have arrived when
   * this resolves. No more than 1000 at once if none may be lost: a CPU that is busy queues so many
   * (net.core.netdev_max_backlog).
   */
  send(savefile: string, from?: string, pace?: string): Promise<void>;
  takeDown(device: string): Promise<void>;
  /** Resolves when packets can pass again. The other end must be up. */
  bringUp(device: string): Promise<void>;
  /** Deletes both ends now. */
  delete(): Promise<void>;
  /** Makes both ends, down, after delete(). */
  make(): Promise<void>;
  /** Brings both ends up; resolves when packets can pass. */
  raise(): Promise<void>;
}

/** One of those that we may run on. */
const CPU = /(?<=^Cpus_allowed_list:\s+)\d+/m.exec(readFileSync('/proc/self/status', 'utf8'))![0];

let made = 0;

/** Makes a pair whose names no other process uses: `pt<pid>n<number>` with `a` and `b`. */
export async function makeVethPair(): Promise<VethPair> {
  const name = `pt${process.pid}n${made++}`;
  const near = `${name}a`;
  const far = `${name}b`;
  // Left behind by a process of the same number that was killed.
  await run('ip', ['link', 'delete', near]);
  // An end has its carrier, and is up, only when the other is up as well.
  const bothUp = () => until(() => stateOf(near) === 'up' && stateOf(far) === 'up');
  const pair: VethPair = {
    near,
    far,
    send: async (savefile, from = near, pace = '--topspeed') => {
      // From one processor, in whose queue they stay in order.
      await output('taskset', ['-c', CPU, 'tcpreplay', '-q', pace, '-i', from, savefile]);
      await until(() => queuedPackets() === 0);
    },
    takeDown: async (device) => void (await output('ip', ['link', 'set', device, 'down'])),
    bringUp: async (device) => {
      await output('ip', ['link', 'set', device, 'up']);
      await bothUp();
    },
    delete: async () => void (await run('ip', ['link', 'delete', near])),
    make: async () => {
      await output('ip', ['link', 'add', near, 'type', 'veth', 'peer', 'name', far]);
      await Promise.all([near, far].map(silence));
    },
    raise: async () => {
      await output('ip', ['link', 'set', far, 'up']);
      await pair.bringUp(near);
    },
    [Symbol.asyncDispose]: () => pair.delete(),
  };
  await pair.make();
  await pair.raise();
  return pair;
}

/** Why there can't be a pair here, for a test to skip with; undefined if there can. */
export async function whyNoVeth(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'needs root, to make network devices';
  try {
    await output('tcpreplay', ['--version']);
    await (await makeVethPair()).delete();
    return undefined;
  } catch (error) {
    return `needs network devices of its own (ip) and tcpreplay: ${error}`;
  }
}

async function silence(device: string): Promise<void> {
  await output('ip', ['link', 'set', device, 'arp', 'off']);
  // Not there where the kernel has no IPv6, and then not needed.
  await run('sysctl', ['-q', '-w', `net.ipv6.conf.${device}.disable_ipv6=1`]);
}

/** What has been sent and not yet received, of all processors: the twelfth word of their lines (softnet_seq_show of Linux). */
function queuedPackets(): number {
  const lines = readFileSync('/proc/net/softnet_stat', 'utf8').trimEnd().split('\n');
  return lines.reduce((sum, line) => sum + Number.parseInt(line.split(' ')[11] ?? '0', 16), 0);
}

function stateOf(device: string): string {
  return readFileSync(`/sys/class/net/${device}/operstate`, 'utf8').trim();
}
