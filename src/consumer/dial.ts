// Finds a tap and says hello: what consumers and observers have in common.

import { pid } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { socketPath, tapDirectories } from '../control/address.js';
import { decodeFromTap, encode } from '../control/codec.js';
import { Connection } from '../control/connection.js';
import { Deadline } from '../control/deadline.js';
import {
  type FromTap,
  type Hello,
  isConsumerName,
  MAX_LANES,
  PROTOCOL_VERSIONS,
  type Welcome,
} from '../control/messages.js';
import { ClosedError, ProtocolError, TapError } from '../errors.js';
import { core, isNativeFailure } from '../native/core.js';
import { errnoName, explain } from '../native/failure.js';

const DEFAULT_TIMEOUT_MS = 5_000;

/** Ring and cursor of each lane, and a share group's memory. */
const MAX_WELCOME_FDS = 2 * MAX_LANES + 1;

/** How often to look whether a tap that is waited for has come. */
const WAIT_STEP_MS = 50;

/** How to find a tap, and as whom. */
export interface DialOptions {
  /** Folder of the socket. Default: $PKTTAP_DIR, else $XDG_RUNTIME_DIR/pkttap (not for root), then /run/pkttap. */
  readonly directory?: string;
  /** What `pkttap stats` calls us; at most 64 printable characters. Default: `pid:<pid>`. */
  readonly name?: string;
  /** How long the tap may take to answer, in milliseconds. One that is alive does at once. Default 5,000. */
  readonly timeoutMs?: number;
  /** Wait for the tap to appear instead of failing with ERR_TAP_UNKNOWN_TAP. */
  readonly wait?: boolean;
  /** Gives up: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What happens on a connection after its welcome. */
export interface DialEvents {
  onMessage(message: FromTap): void;
  /** Something has come, perhaps the doorbell: called before it is read. */
  onReady(): void;
  onClose(error?: unknown): void;
}

/** A tap that has let us in. `fds` belong to the caller. */
export interface Dialed {
  readonly connection: Connection;
  readonly welcome: Welcome;
  readonly fds: readonly number[];
  /** From now on, events go here. Those that came meanwhile come first. */
  listen(events: DialEvents): void;
}

/**
 * Connects and says hello. Throws ERR_TAP_UNKNOWN_TAP, ERR_TAP_PERMISSION, ERR_TAP_REFUSED, ERR_TAP_VERSION,
 * ERR_TAP_TIMEOUT, ERR_TAP_DIED or ERR_TAP_PROTOCOL.
 */
export async function dial(
  tap: string,
  wanted: Omit<Hello, 'type' | 'versions' | 'name'>,
  options: DialOptions,
): Promise<Dialed> {
  const { name = `pid:${pid}` } = options;
  if (!isConsumerName(name))
    throw new RangeError(`not a name for a consumer: ${JSON.stringify(name)} (at most 64 printable characters)`);
  const directories = options.directory === undefined ? tapDirectories() : [options.directory];
  const paths = directories.map((directory) => socketPath(tap, directory));
  const place: Place = { tap, role: wanted.role, paths: [...new Set(paths)] };
  const fd = await connect(place, options);
  const hello: Hello = { type: 'hello', versions: PROTOCOL_VERSIONS, name, ...wanted };
  return await shakeHands(tap, fd, hello, options);
}

/** Where to look for a tap, and as what. */
interface Place {
  readonly tap: string;
  readonly role: Hello['role'];
  readonly paths: readonly string[];
}

async function connect(place: Place, { wait = false, signal }: DialOptions): Promise<number> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      return connectToFirst(place);
    } catch (error) {
      if (!wait || !isMissing(error)) throw error;
    }
    await delay(WAIT_STEP_MS, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
  }
}

/** Connects where the tap is found first. A place that is closed to us counts only if it isn't found in another. */
function connectToFirst(place: Place): number {
  const failures: unknown[] = [];
  for (const path of place.paths) {
    try {
      return core().connect(path);
    } catch (error) {
      failures.push(explainConnect(error, path, place));
    }
  }
  throw failures.find((failure) => !isMissing(failure)) ?? failures[0];
}

function isMissing(error: unknown): boolean {
  return error instanceof TapError && error.code === 'ERR_TAP_UNKNOWN_TAP';
}

function explainConnect(error: unknown, path: string, { tap, role }: Place): unknown {
  const errno = isNativeFailure(error) ? errnoName(error.errno) : '';
  const facts = { tap, path, errno, cause: error };
  if (errno === 'ENOENT' || errno === 'ECONNREFUSED') {
    // Commands that attach have --wait. Who asks or controls is answered now.
    const orWait = role === 'consumer' ? ', --wait waits for it' : '';
    const message = `no tap called ${tap}: path=${path}; \`pkttap list\` shows those that run${orWait}`;
    return new TapError('ERR_TAP_UNKNOWN_TAP', message, facts);
  }
  if (errno === 'EACCES') {
    const message =
      role === 'controller'
        ? `no permission to control: path=${path}; only root and the tap's own user may`
        : `no permission to attach: path=${path}; ask for the tap to be started with --group or --allow-user`;
    return new TapError('ERR_TAP_PERMISSION', message, facts);
  }
  return explain(error, 'ERR_TAP_SYSTEM', `can't connect: path=${path}`, { tap, path });
}

function shakeHands(tap: string, fd: number, hello: Hello, options: DialOptions): Promise<Dialed> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  return new Promise((resolve, reject) => {
    let events: DialEvents | undefined;
    const early: ((events: DialEvents) => void)[] = [];
    const tell = (what: (events: DialEvents) => void) => (events ? what(events) : early.push(what));
    const onFirst = (bytes: Uint8Array, fds: number[]) => {
      settle();
      const welcome = decodeFromTap(bytes);
      if (welcome.type !== 'welcome') throw notWelcome(tap, welcome);
      welcomed = true;
      const listen = (listener: DialEvents) => {
        events = listener;
        for (const what of early.splice(0)) what(listener);
      };
      resolve({ connection, welcome, fds, listen });
    };
    let welcomed = false;
    const connection = new Connection(fd, MAX_WELCOME_FDS, {
      onMessage: (bytes, fds) => {
        if (!welcomed) return closingOnError(fds, () => onFirst(bytes, fds));
        for (const extra of fds) core().closeFd(extra);
        const message = decodeFromTap(bytes);
        tell((listener) => listener.onMessage(message));
      },
      onReady: () => events?.onReady(),
      // Whoever was rung was ready before.
      onBell: () => {},
      onClose: (error) => {
        settle();
        if (welcomed) tell((listener) => listener.onClose(error));
        else reject(error ?? new ClosedError('ERR_TAP_DIED', `the tap closed the connection: tap=${tap}`, { tap }));
      },
    });
    const deadline = new Deadline(timeoutMs, () => {
      connection.close(new TapError('ERR_TAP_TIMEOUT', `the tap does not answer: tap=${tap}`, { tap }));
    });
    const onAbort = () => connection.close(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const settle = () => {
      deadline.clear();
      signal?.removeEventListener('abort', onAbort);
    };
    connection.send(encode(hello));
  });
}

function closingOnError(fds: readonly number[], work: () => void): void {
  try {
    work();
  } catch (error) {
    for (const fd of fds) core().closeFd(fd);
    throw error;
  }
}

/** The error for a tap that said no. */
export function notWelcome(tap: string, message: FromTap): ProtocolError {
  if (message.type === 'refuse') return new ProtocolError(message.code, `${message.message} (tap=${tap})`, { tap });
  return new ProtocolError('ERR_TAP_PROTOCOL', `the tap answered a hello with ${message.type}`, { tap });
}
