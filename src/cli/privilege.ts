// What a tap gives up once its devices are open, its name is its own and its children are started: the user it was started
// as, all capabilities, and the way back to them. The manual has the list.

import { TapError } from '../errors.js';
import { core, type NativeUser } from '../native/core.js';
import { explain } from '../native/failure.js';
import { findUser } from '../tap/identity.js';
import { capabilityMask } from './capabilities.js';
import { heldBy } from './process-status.js';

/** Whom a capture becomes unless it is told, where the system has such a user. */
const DEFAULT_USER = 'pkttap';

const CHANGE_USER = capabilityMask('setuid', 'setgid');
const OPEN_DEVICES = capabilityMask('net_raw');

/** What will be done, decided before anything is opened. */
export interface Departure {
  /** Undefined: the user stays. */
  readonly user?: NativeUser;
  /** Why the user stays although another was to be expected. */
  readonly note?: string;
}

/**
 * Whom to become: `-Z`'s user, else, as root, the user `pkttap` if there is one. Throws ERR_TAP_SYSTEM for a user that
 * doesn't exist, ERR_TAP_PERMISSION where -Z can't be done.
 */
export function planDeparture(asked: string | undefined): Departure {
  const isRoot = process.geteuid?.() === 0;
  const user = asked === undefined ? isRoot && findUser(DEFAULT_USER) : existing(asked);
  if (!user || user.uid === process.geteuid?.()) return {};
  if (mayChangeUser()) return { user };
  const what = `becoming user ${user.name} needs CAP_SETUID and CAP_SETGID`;
  if (asked === undefined) return { note: `stays root, without capabilities: ${what}` };
  throw new TapError('ERR_TAP_PERMISSION', `${what}: run as root, or docker run --cap-add SETUID --cap-add SETGID`);
}

/**
 * Gives up the user and all capabilities, on all threads; `reopens`: keeps CAP_NET_RAW. Returns what there is to say.
 * Throws ERR_TAP_SYSTEM; the process should end then.
 */
export function depart({ user, note }: Departure, { reopens }: { reopens: boolean }): string[] {
  try {
    core().relinquish(user, reopens ? OPEN_DEVICES : 0n);
  } catch (error) {
    throw explain(error, 'ERR_TAP_SYSTEM', `can't give up privileges: user=${user?.name ?? process.geteuid?.()}`);
  }
  const said = user === undefined ? note : `dropped privileges to ${user.name}`;
  return [...(said === undefined ? [] : [said]), ...harden({ sockets: reopens })];
}

/**
 * What every tap can do without: see native/core/privilege.h and seccomp.h; `sockets`: but not without sockets of all kinds.
 * A kernel without seccomp filters is told.
 */
export function harden({ sockets }: { sockets: boolean }): string[] {
  try {
    core().harden();
  } catch (error) {
    throw explain(error, 'ERR_TAP_SYSTEM', "can't forbid new privileges");
  }
  try {
    core().restrictSystemCalls(sockets);
    return [];
  } catch (error) {
    const { message } = explain(error, 'ERR_TAP_SYSTEM', 'all system calls stay allowed') as Error;
    return [`warning: ${message}`];
  }
}

function existing(asked: string): NativeUser {
  const user = findUser(asked);
  if (user === undefined) throw new TapError('ERR_TAP_SYSTEM', `no such user: ${asked}`);
  return user;
}

function mayChangeUser(): boolean {
  return heldBy('self').every(({ effective }) => (effective & CHANGE_USER) === CHANGE_USER);
}
