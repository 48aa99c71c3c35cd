// Memory of every kind that a tap may send, and why each is refused, for whoever maps what comes from a tap.

import { join } from 'node:path';
import { expect } from 'vitest';
import { core } from '../../src/native/core.js';
import { run } from './run.js';
import { testFolder } from './taps.js';
import { untilFound } from './until.js';

const SENDER = join(import.meta.dirname, '../programs/send-memory.py');

/** Why each kind of memory of send-memory.py is refused; undefined for what is good. */
const REASONS: Readonly<Record<string, string | undefined>> = {
  'ring good': undefined,
  'ring plain file': 'not a memfd',
  'ring unsealed': 'not sealed',
  'ring that can shrink': 'not sealed',
  'ring that can grow': 'not sealed',
  'ring that others can write': 'not sealed',
  'ring whose seals can change': 'not sealed',
  'ring of less than a page': 'too small',
  'ring larger than it says': 'size differs',
  'ring smaller than it says': 'size differs',
  'ring of another magic': 'wrong magic',
  'ring of another version': 'layout version 2, this program reads version 1',
  'ring of no capacity': 'capacity out of range',
  'ring of odd capacity': 'capacity out of range',
  'ring of small capacity': 'capacity out of range',
  'ring of vast capacity': 'capacity out of range',
  'ring with data off the page': 'size differs',
  'ring with tables in its header': 'regions overlap',
  'ring with tables that overlap': 'regions overlap',
  'ring with tables in its data': 'regions overlap',
  'cursor good': undefined,
  'cursor unsealed': 'not sealed',
  'cursor of another magic': 'wrong magic or version',
  'cursor of another version': 'wrong magic or version',
  'cursor of two pages': 'wrong size',
  'cursor of half a page': 'wrong size',
  'shares good': undefined,
  'shares unsealed': 'not sealed',
  'shares that can shrink': 'not sealed',
  'shares that others can write': 'not sealed',
  'shares of another magic': 'wrong magic or version',
  'shares of another version': 'wrong magic or version',
  'shares of half an epoch': 'wrong size',
  'shares of more epochs': 'wrong size',
};

/** Why each was refused; undefined for what was taken. */
export type Refusals = Record<string, string | undefined>;

/** Offers one after the other. The descriptor is open during the call only. */
export async function offerMemory(
  map: (kind: string, fd: number) => string | undefined | Promise<string | undefined>,
): Promise<Refusals> {
  const native = core();
  const path = join(testFolder(), 'a.sock');
  const listener = native.listen(path, 0o600);
  const sending = run('python3', [SENDER, path]);
  const fd = await untilFound(() => native.accept(listener));
  const refused: Refusals = {};
  const buffer = new Uint8Array(256);
  for (;;) {
    const message = await untilFound(() => native.receive(fd, buffer, 1));
    if (message.bytes === 0) break;
    const kind = Buffer.from(buffer.subarray(0, message.bytes)).toString();
    refused[kind] = await map(kind, message.fds[0]!);
    native.closeFd(message.fds[0]!);
  }
  expect((await sending).stderr).toBe('');
  for (const each of [listener, fd]) native.closeFd(each);
  return refused;
}

/** Fails unless what is good was taken, and everything else refused for the right reason. */
export function expectReasons(refused: Refusals): void {
  expect(Object.keys(refused)).toEqual(Object.keys(REASONS));
  for (const [kind, reason] of Object.entries(REASONS)) {
    if (reason === undefined) expect(refused[kind], kind).toBeUndefined();
    else expect(refused[kind], kind).toContain(reason);
  }
}
