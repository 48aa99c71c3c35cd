// Makes the folder of a tap's socket. It appears under its name once it has its owner, group and modes: who waits for the tap
// would else be refused meanwhile, and take that for the answer.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, lchownSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Name of the file under whose lock sockets are made and replaced. */
export const LOCK_FILE = '.lock';

/** Passing through is not reading: other users may reach a socket whose name they know. */
const PASS_THROUGH = 0o011;

/** To whom a socket or its folder belongs. */
export interface Ownership {
  /** Group that may connect, beside the owner; undefined: the owner's own. */
  readonly gid?: number | undefined;
  /** undefined: this process's user. */
  readonly owner?: number | undefined;
}

/** Makes what isn't there of the folder's path. `open`: other users may pass through, also if it was there. */
export function makeFolder(directory: string, open: boolean, ownership: Ownership): void {
  if (!existsSync(directory)) makeAside(directory, open, ownership);
  else if (open) letThrough(directory);
}

/** Throws what lchown(2) says, but for an owner that it may not give to: root can use it just as well. */
export function give(path: string, { gid, owner }: Ownership): void {
  if (gid !== undefined) lchownSync(path, -1, gid);
  if (owner === undefined) return;
  try {
    lchownSync(path, owner, -1);
  } catch (error) {
    // Without CAP_CHOWN it stays ours, and what can't be removed later does no harm.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

/** Under a name of its own first, as a whole. */
function makeAside(directory: string, open: boolean, ownership: Ownership): void {
  const top = highestMissing(directory);
  const aside = join(dirname(top), `.pkttap-${randomBytes(8).toString('hex')}`);
  const inner = join(aside, relative(top, directory));
  // By itself: Node's way of making several at once never ends where all is ENOENT, as in /proc.
  mkdirSync(aside, { mode: 0o750 });
  try {
    mkdirSync(inner, { mode: 0o750, recursive: true });
    // A folder that is not empty is never replaced by another tap's.
    const lock = join(inner, LOCK_FILE);
    writeFileSync(lock, '', { mode: 0o600 });
    if (open) letThrough(inner);
    give(lock, { owner: ownership.owner });
    // The inner ones first: what belongs to another may be closed to us.
    for (let folder = inner; folder !== dirname(aside); folder = dirname(folder)) give(folder, ownership);
    show(aside, top);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Does nothing if another tap was quicker: its folder is as good. */
function show(aside: string, top: string): void {
  try {
    renameSync(aside, top);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function highestMissing(directory: string): string {
  const above = dirname(directory);
  return existsSync(above) ? directory : highestMissing(above);
}

/** Asks for nothing that is so already: it may be another's folder. */
function letThrough(directory: string): void {
  const { mode } = statSync(directory);
  if ((mode & PASS_THROUGH) !== PASS_THROUGH) chmodSync(directory, (mode & 0o7777) | PASS_THROUGH);
}
