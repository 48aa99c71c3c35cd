// Names of users and groups to numbers, as the system resolves them (getent(1) asks whatever nsswitch.conf names).

import { execFileSync } from 'node:child_process';
import { TapError } from '../errors.js';

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
    const line = execFileSync('getent', [database, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return Number(line.split(':')[2]);
  } catch (cause) {
    throw new TapError('ERR_TAP_SYSTEM', `no such ${kind}: ${name} (a number is taken as it is)`, { cause });
  }
}
