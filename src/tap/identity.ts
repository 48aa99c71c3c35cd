// Names of users and groups to numbers, as the system resolves them (getent(1) asks whatever nsswitch.conf names).

import { execFileSync, type StdioOptions } from 'node:child_process';
import { TapError } from '../errors.js';

/** A user, as the system knows it. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** A user given by name or number, with its first group. Undefined: there is none, or nobody to ask (no getent). */
export function findUser(user: string): User | undefined {
  try {
    const [name = '', , uid, gid] = entryOf('passwd', user);
    return { name, uid: Number(uid), gid: Number(gid) };
  } catch {
    return undefined;
  }
}

/** The uid of a user given by name or number. Throws ERR_TAP_SYSTEM for one that doesn't exist. */
export function userId(user: string): number {
  return lookUp('passwd', 'user', user);
}

/** The gid of a group given by name or number. Throws ERR_TAP_SYSTEM for one that doesn't exist. */
export function groupId(group: string): number {
  return lookUp('group', 'group', group);
}

function lookUp(database: 'passwd' | 'group', kind: string, name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  try {
    return Number(entryOf(database, name)[2]);
  } catch (cause) {
    throw new TapError('ERR_TAP_SYSTEM', `no such ${kind}: ${name} (a number is taken as it is)`, { cause });
  }
}

/** The fields of an entry. A name that getent takes for an option is nobody's. */
function entryOf(database: string, name: string): string[] {
  const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
  const fields = execFileSync('getent', [database, name], { encoding: 'utf8', stdio }).trimEnd().split(':');
  if (fields[0] === name || fields[2] === name) return fields;
  throw new Error(`not an entry of ${name}: ${fields.join(':')}`);
}
