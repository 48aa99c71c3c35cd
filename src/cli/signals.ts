// SIGINT, SIGTERM and SIGHUP, which is a terminal that was closed, end a command in good order (exit code 0); a second one ends
// it at once. SIGUSR1 prints statistics, as it does for tcpdump; SIGUSR2 reads rules anew and SIGHUP begins log files anew, as
// they do for Suricata, where there are any.

import { closeSync } from 'node:fs';

const stopping = new AbortController();
let printStatistics: (() => void) | undefined;
let hangUp = leaveTerminal;

/** Aborts at the first of the signals that end a command. */
export const stopSignal: AbortSignal = stopping.signal;

/** Installs the handlers, once, before anything else. */
export function listenForSignals(): void {
  process.on('SIGINT', () => stop('SIGINT', 130));
  process.on('SIGTERM', () => stop('SIGTERM', 143));
  process.on('SIGHUP', () => hangUp());
  process.on('SIGUSR1', () => printStatistics?.());
}

/** What SIGUSR1 prints from now on: a line, or several. */
export function onStatisticsSignal(text: () => string | Promise<string>): void {
  printStatistics = async () => void process.stderr.write(`${await text()}\n`);
}

/** What SIGUSR2 does from now on; before that it does what it does to any process, and ends it. */
export function onReloadSignal(reload: () => void): void {
  process.on('SIGUSR2', reload);
}

/** What SIGHUP does from now on, instead of ending the command. */
export function onReopenSignal(reopen: () => void): void {
  hangUp = reopen;
}

/** Whether this error only says that a signal stopped us. */
export function isStop(error: unknown): boolean {
  return stopSignal.aborted && error === stopSignal.reason;
}

/** Node aborts at its exit if it can't give a terminal its modes back, as is the case with one that was closed. */
function leaveTerminal(): void {
  process.once('exit', () => {
    for (const fd of [0, 1, 2]) closeSync(fd);
  });
  stop('SIGHUP', 129);
}

function stop(name: string, code: number): void {
  if (stopSignal.aborted) process.exit(code);
  stopping.abort(new Error(`stopped by ${name}`));
}
