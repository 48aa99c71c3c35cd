// The threads of replays: each is gone with its replay, and one that can't be had is an error like any other.

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { output } from '../support/run.js';

const PROGRAM = join(import.meta.dirname, '../programs/replay-threads.js');
const IS_ROOT = process.getuid?.() === 0;

interface Report {
  readonly ends: readonly string[];
  readonly grewBytes: number;
}

const replays = async (how: string) => JSON.parse((await output('node', [PROGRAM, how])).toString()) as Report;

it('are joined when the replay ends, not when the object is collected', async () => {
  const { ends, grewBytes } = await replays('many');
  expect(ends).toEqual([expect.stringContaining('/dev/null')]);
  // 200 of them; the stack of each takes 8 MiB of address space until it is joined.
  expect(grewBytes).toBeLessThan(400 << 20);
});

it.skipIf(!IS_ROOT)("end a replay with one line where the system won't give one", async () => {
  const { ends } = await replays('none');
  expect(ends.at(-1)).toBe("can't start to replay: path=/dev/null: pthread_create EAGAIN");
});
