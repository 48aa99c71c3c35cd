// Accepting and making connections by name. Both sides ask the kernel who the other one is: it must be this user or root,
// whatever the modes of files and folders.

import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { geteuid, pid } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { TapError } from '../errors.js';
import { core, isNativeFailure, type PeerCredentials } from '../native/core.js';
import { errnoName, explain } from '../native/failure.js';
import { privateDirectory, socketPathOf } from './address.js';
import { owned } from './owned.js';
import { SocketEnd, type WaitOptions } from './socket-end.js';

/** How often to try again while a server has more connections waiting than it lets wait. */
const BUSY_STEP_MS = 2;

/** A connection that was accepted. */
export interface Connected {
  readonly end: SocketEnd;
  readonly peer: PeerCredentials;
}

/** A name at which connections are accepted. */
export class Listener implements Disposable {
  /** What clients connect to: a path. */
  readonly name: string;
  readonly #end: SocketEnd;

  /** Default: a name that nobody else has. Throws ERR_TAP_NAME_IN_USE, ERR_TAP_PERMISSION, ERR_TAP_SYSTEM, RangeError. */
  constructor(name?: string) {
    this.name = name === undefined ? freshPath() : socketPathOf(name);
    this.#end = owned(this, listenAt(this.name));
  }

  /** The next client. Rejects with ERR_TAP_TIMEOUT, the signal's reason, ERR_TAP_CLOSED, ERR_TAP_SYSTEM out of descriptors. */
  async accept({ signal, timeoutMs = Number.POSITIVE_INFINITY }: WaitOptions = {}): Promise<Connected> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const connected = this.#next();
      if (connected !== undefined) return connected;
      const left = deadline - performance.now();
      if (left <= 0)
        throw new TapError('ERR_TAP_TIMEOUT', `nobody connected: name=${this.name} timeoutMs=${timeoutMs}`);
      await this.#end.readable({ signal, timeoutMs: Number.isFinite(left) ? Math.ceil(left) : undefined });
    }
  }

  /** Gives the name back. Who was accepted stays. Safe to call twice. */
  close(): void {
    if (!this.#end.open) return;
    rmSync(this.name, { force: true });
    this.#end.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #next(): Connected | undefined {
    try {
      for (let fd = core().accept(this.#end.fd); fd !== undefined; fd = core().accept(this.#end.fd)) {
        const peer = core().peerCredentials(fd);
        if (isOneOfUs(peer.uid)) return { end: new SocketEnd(fd), peer };
        core().closeFd(fd);
      }
      return undefined;
    } catch (error) {
      throw explain(error, 'ERR_TAP_SYSTEM', `can't accept a connection: name=${this.name}`);
    }
  }
}

/** Connects. Rejects with ERR_TAP_NO_SERVER, ERR_TAP_PERMISSION, ERR_TAP_REFUSED, ERR_TAP_SYSTEM, the signal's reason. */
export async function connectTo(name: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<SocketEnd> {
  const path = socketPathOf(name);
  for (;;) {
    signal?.throwIfAborted();
    const end = tryConnect(path);
    if (end !== undefined) return end;
    await delay(BUSY_STEP_MS, undefined, { signal });
  }
}

/** undefined: more connections wait than the server lets wait. */
function tryConnect(path: string): SocketEnd | undefined {
  try {
    const fd = core().connect(path);
    const { uid } = core().peerCredentials(fd);
    if (isOneOfUs(uid)) return new SocketEnd(fd);
    core().closeFd(fd);
    throw new TapError('ERR_TAP_REFUSED', `the server is another user's: uid=${uid} path=${path}`, { path });
  } catch (error) {
    if (isNativeFailure(error) && error.errno === constants.errno.EAGAIN) return undefined;
    throw explainConnect(error, path);
  }
}

function explainConnect(error: unknown, path: string): unknown {
  const errno = isNativeFailure(error) ? errnoName(error.errno) : '';
  if (errno === 'ENOENT' || errno === 'ECONNREFUSED')
    return new TapError('ERR_TAP_NO_SERVER', `no server of this name: path=${path}`, { path, errno, cause: error });
  return explain(error, errno === 'EACCES' ? 'ERR_TAP_PERMISSION' : 'ERR_TAP_SYSTEM', `can't connect: path=${path}`, {
    path,
  });
}

function isOneOfUs(uid: number): boolean {
  return uid === 0 || uid === (geteuid?.() ?? 0);
}

function freshPath(): string {
  return join(privateDirectory(), `${pid}-${randomBytes(8).toString('hex')}.sock`);
}

/** Under a lock: two servers must not both find a name free, nor one take another's for dead before it listens. */
function listenAt(path: string): SocketEnd {
  try {
    const lock = core().lockFile(join(dirname(path), '.lock'));
    try {
      if (dirname(path) === privateDirectory()) sweep(dirname(path));
      if (existsSync(path)) removeDead(path);
      return new SocketEnd(core().listen(path, 0o600));
    } finally {
      core().closeFd(lock);
    }
  } catch (error) {
    const denied = isNativeFailure(error) && error.errno === constants.errno.EACCES;
    throw explain(error, denied ? 'ERR_TAP_PERMISSION' : 'ERR_TAP_SYSTEM', `can't listen: path=${path}`, { path });
  }
}

/** Removes what servers that were killed have left: their process is gone, and nobody listens. */
function sweep(directory: string): void {
  for (const file of readdirSync(directory)) {
    const owner = /^(\d+)-[0-9a-f]{16}\.sock$/.exec(file)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`) && isDead(join(directory, file)))
      rmSync(join(directory, file));
  }
}

function removeDead(path: string): void {
  if (!isDead(path)) throw new TapError('ERR_TAP_NAME_IN_USE', `name in use: path=${path}`, { path });
  rmSync(path);
}

function isDead(path: string): boolean {
  try {
    core().closeFd(core().connect(path));
    return false;
  } catch (error) {
    return isNativeFailure(error) && error.errno === constants.errno.ECONNREFUSED;
  }
}
