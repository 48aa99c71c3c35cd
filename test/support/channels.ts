// Channels in tests: other processes as peers, and endings.

import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { bytesChannel, channel, type IpcReceiver, type IpcSender } from '../../src/channel/index.js';
import { makeTapFolder, type Running } from './pkttap.js';

/** The program that is the other process. */
export const PEER = join(import.meta.dirname, '../programs/channel-peer.js');

export type Person = readonly [string, number];
export const PERSON: Person = ['Ada', 29];

/** Starts the other process; see its scenarios. It doesn't outlive the test. */
export function startPeer(scenario: string, ...args: readonly string[]): Running {
  return makeTapFolder().spawn('node', [PEER, scenario, ...args]);
}

/** Closes it when the test has finished. */
export function closing<T extends { close(): void }>(what: T): T {
  onTestFinished(() => what.close());
  return what;
}

/** A channel whose ends are closed when the test has finished. */
export function openChannel<T>(): [IpcSender<T>, IpcReceiver<T>] {
  const [tx, rx] = channel<T>();
  return [closing(tx), closing(rx)];
}

/** The same for bytes. */
export function openBytesChannel() {
  const [tx, rx] = bytesChannel();
  return [closing(tx), closing(rx)] as const;
}

/** Bytes that tell whether they are all there and in order. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

/** A promise and the function that settles it. */
export function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
