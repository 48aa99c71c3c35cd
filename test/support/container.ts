// As much of a container as decides whether pkttap runs in one: process 1 of a process namespace, a file system that can't be
// written but for the folder of taps, uid 0 with a few capabilities and no way to more.

import { mkdirSync, readFileSync } from 'node:fs';
import type { Running, TapFolder } from './pkttap.js';
import { run } from './run.js';

const SCRIPT = `
  mount --bind "$1" "$1" && mount -o remount,bind,ro / || exit 125
  [ ! -w /etc ] || { echo "the root is not read-only" >&2; exit 125; }
  keep=$2
  shift 2
  exec setpriv --bounding-set "$keep" --inh-caps -all --ambient-caps -all "$@"
`;

const ISOLATION = ['--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc'];

/** Starts a command with these capabilities alone, such as `net_raw`. */
export function contain(folder: TapFolder, capabilities: readonly string[], command: readonly string[]): Running {
  mkdirSync(folder.taps, { recursive: true });
  const keep = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
  return folder.spawn('unshare', [...ISOLATION, 'bash', '-c', SCRIPT, '-', folder.taps, keep, ...command]);
}

/** Sends a signal to a container's process 1, as its runtime would. */
export function signalContainer({ pid }: Running, signal: NodeJS.Signals): void {
  const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  process.kill(Number(first), signal);
}

/** Why there can't be such a thing here, for a test to skip with; undefined if there can. */
export async function whyNoContainer(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'needs root, to make namespaces';
  try {
    const words = [...ISOLATION, 'bash', '-c', SCRIPT, '-', '/tmp', '-all', 'true'];
    const { status, stderr } = await run('unshare', words);
    return status === 0 ? undefined : `needs namespaces of its own: ${stderr.trim()}`;
  } catch (error) {
    return `needs unshare and setpriv: ${error}`;
  }
}
