// What a process may do, as the kernel tells it of each of its threads in proc_pid_status(5).

import { readdirSync, readFileSync } from 'node:fs';

/** What one thread, or several alike, may do. */
export interface HeldPrivileges {
  /** How many threads of the process are so. */
  readonly threads: number;
  /** Effective. */
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** Masks, as capabilities(7) numbers them. */
  readonly permitted: bigint;
  readonly effective: bigint;
  readonly bounding: bigint;
  readonly noNewPrivs: boolean;
  /** Whether a filter looks at its system calls. */
  readonly seccomp: boolean;
}

const FIELDS = /^(Uid|Gid|Groups|CapPrm|CapEff|CapBnd|NoNewPrivs|Seccomp):.*$/gm;

/** The privileges of a process; more than one entry if its threads differ. Throws what reading /proc throws. */
export function heldBy(pid: number | 'self'): HeldPrivileges[] {
  const threads = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const status = fieldsOf(`/proc/${pid}/task/${thread}/status`);
    if (status !== undefined) threads.set(status, (threads.get(status) ?? 0) + 1);
  }
  return [...threads].map(([status, count]) => parse(status, count));
}

/** The lines that matter. Undefined: the thread has ended meanwhile. */
function fieldsOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').match(FIELDS)!.join('\n');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function parse(status: string, threads: number): HeldPrivileges {
  const values = new Map(status.split('\n').map((line) => line.split(':') as [string, string]));
  const words = (name: string) => values.get(name)?.trim().split(/\s+/) ?? [];
  const mask = (name: string) => BigInt(`0x${words(name)[0] ?? 0}`);
  return {
    threads,
    uid: Number(words('Uid')[1]),
    gid: Number(words('Gid')[1]),
    groups: words('Groups').filter(Boolean).map(Number),
    permitted: mask('CapPrm'),
    effective: mask('CapEff'),
    bounding: mask('CapBnd'),
    noNewPrivs: words('NoNewPrivs')[0] === '1',
    seccomp: words('Seccomp')[0] === '2',
  };
}
