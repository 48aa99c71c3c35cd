// What systemd hands to a service and hears from it: a listening socket, the word that the tap is ready, a watchdog.
// sd_listen_fds(3), sd_notify(3), sd_watchdog_enabled(3). Without systemd nothing here has an effect.

import { TapError } from '../errors.js';
import { core, isNativeFailure } from '../native/core.js';
import { explain } from '../native/failure.js';

const VARIABLES = [
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
  'LISTEN_PID',
  'NOTIFY_SOCKET',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
] as const;

/** SD_LISTEN_FDS_START: the first descriptor that is handed over. */
const FIRST_DESCRIPTOR = 3;

let given: Partial<Record<(typeof VARIABLES)[number], string>> = {};

/** Takes the manager's variables out of the environment, before there is a child that could mistake them for its own. */
export function meetServiceManager(): void {
  given = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
  for (const name of VARIABLES) delete process.env[name];
}

/** The socket to accept consumers on, if one was handed over. Throws ERR_TAP_SYSTEM for more than one. */
export function inheritedListener(): number | undefined {
  const count = isFor(given.LISTEN_PID) ? Number(given.LISTEN_FDS ?? 0) : 0;
  if (count === 0) return undefined;
  if (count === 1) return FIRST_DESCRIPTOR;
  throw new TapError('ERR_TAP_SYSTEM', `a tap listens on one socket: LISTEN_FDS=${count}; give the unit one socket`);
}

/** Says that the tap is ready, and from now on that it is alive. Dispose of it when the tap ends. Throws ERR_TAP_SYSTEM. */
export function sayReady(status: string): Disposable {
  const { NOTIFY_SOCKET: address } = given;
  if (address === undefined) return { [Symbol.dispose]: () => {} };
  try {
    core().notifyServiceManager(address, `READY=1\nSTATUS=${status}`);
  } catch (error) {
    throw explain(error, 'ERR_TAP_SYSTEM', `can't tell the service manager: NOTIFY_SOCKET=${address}`);
  }
  return sayAlive(address);
}

function sayAlive(address: string): Disposable {
  // It heard that we are ready; if it has gone since, that is no reason to end.
  const tell = (message: string) => {
    try {
      core().notifyServiceManager(address, message);
    } catch (error) {
      if (!isNativeFailure(error)) throw error;
    }
  };
  const periodMs = watchdogMs();
  // Half the time that is allowed, as sd_watchdog_enabled(3) advises.
  const timer = periodMs === undefined ? undefined : setInterval(() => tell('WATCHDOG=1'), periodMs / 2);
  timer?.unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      tell('STOPPING=1');
    },
  };
}

function watchdogMs(): number | undefined {
  const isOurs = given.WATCHDOG_PID === undefined || isFor(given.WATCHDOG_PID);
  const microseconds = Number(given.WATCHDOG_USEC);
  return isOurs && microseconds > 0 ? microseconds / 1000 : undefined;
}

function isFor(pid: string | undefined): boolean {
  return Number(pid) === process.pid;
}
