// What this process and the taps that run may do, read from the kernel for each of their threads.

import { statSync } from 'node:fs';
import { listTaps } from '../consumer/observe.js';
import { socketPath, tapDirectories } from '../control/address.js';
import type { TapStats } from '../control/messages.js';
import { core, isNativeFailure } from '../native/core.js';
import { capabilityText } from './capabilities.js';
import type { Check, Finding } from './doctor-check.js';
import { type HeldPrivileges, heldBy } from './process-status.js';
import { counted } from './text.js';

const PURPOSE = ['privileges'];

/** A check for this process and for each tap that this user may ask. */
export async function privilegeChecks(): Promise<Check[]> {
  const taps = await listTaps().catch(() => []);
  return [
    { subject: 'this process', commands: PURPOSE, look: () => describe('self') },
    ...taps.map((tap) => ({ subject: `tap ${tap.tap}`, commands: PURPOSE, look: () => lookAtTap(tap) })),
  ];
}

/** A process id means a process only here: that of a tap in a container is somebody else's outside of it. */
function lookAtTap({ tap, pid }: TapStats): Finding {
  if (pidBehind(tap) === pid) return describe(pid);
  return { found: `pid ${pid}, as it says: in another container, or its socket was handed to it; look there` };
}

/** Who listens, by the kernel's word. */
function pidBehind(tap: string): number | undefined {
  for (const directory of tapDirectories()) {
    try {
      const fd = core().connect(socketPath(tap, directory));
      const { pid } = core().peerCredentials(fd);
      core().closeFd(fd);
      return pid;
    } catch (error) {
      if (!isNativeFailure(error)) throw error;
    }
  }
  return undefined;
}

function describe(pid: number | 'self'): Finding {
  const held = heldBy(pid).map((privileges) => text(privileges, statSync(`/proc/${pid}/status`).uid));
  if (held.length === 1) return { found: held[0]! };
  const remedy = 'end it: pkttap capture gives up privileges on all of them';
  return { found: `its threads differ: ${held.join('; ')}`, remedy };
}

/** `owner`: of its files in /proc: root's if it isn't dumpable, which can't be told of a process of root's. */
function text({ threads, uid, gid, groups, ...held }: HeldPrivileges, owner: number): string {
  return [
    `uid ${uid} gid ${gid}${groups.length > 0 ? ` groups ${groups.join(' ')}` : ''}`,
    `capabilities: ${capabilityText(held.effective)}`,
    `bounding set: ${capabilityText(held.bounding)}`,
    held.noNewPrivs ? 'no_new_privs' : 'may get new privileges',
    held.seccomp ? 'seccomp filter' : 'no seccomp filter',
    ...(uid === 0 ? [] : [owner === uid ? 'dumpable' : 'not dumpable']),
    counted(threads, 'thread'),
  ].join('; ');
}
