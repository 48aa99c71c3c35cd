// Descriptors: none is lost, and running out of them is an error like any other.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesChannel, channel } from '../../src/channel/index.js';
import { MAX_LOAN_BYTES } from '../../src/channel/loan.js';
import { mapped } from '../support/mapped.js';
import { run } from '../support/run.js';
import { openFds } from '../support/taps.js';

/** Four gigabytes of the longest. */
const MOST_MESSAGES = 256;

describe('channels', () => {
  it('100,000 of them, used and closed, leave no descriptor behind', async () => {
    const before = openFds();
    for (let i = 0; i < 100_000; i++) {
      const [tx, rx] = i % 2 === 0 ? channel<number>() : bytesChannel();
      if (i % 1000 === 0) await (tx as { send(message: unknown): Promise<void> }).send(Uint8Array.of(1));
      if (i % 1000 === 0) await rx.recv();
      tx.close();
      rx.close();
    }
    expect(openFds()).toBe(before);
  }, 240_000);

  it('give the memory of the longest messages back while more of them come', async () => {
    const [tx, rx] = bytesChannel();
    const bytes = new Uint8Array(MAX_LOAN_BYTES + 1);
    let held = 0;
    let before: number;
    let sent = 0;
    // When it is given back, the garbage collector decides: more of them come until it did.
    do {
      expect(++sent).toBeLessThan(MOST_MESSAGES);
      before = held;
      await tx.send(bytes);
      await rx.recv();
      held = mapped('memfd:pkttap-message');
    } while (held >= before);
    tx.close();
    rx.close();
  });

  it('are usable on both sides after descriptors ran out, and closed when nobody has them any more', async () => {
    const program = join(import.meta.dirname, '../programs/channel-limits.js');
    const script = 'ulimit -n 512; exec node --expose-gc "$0"';
    const { stdout, stderr } = await run('bash', ['-c', script, program]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout.toString())).toEqual({
      channel: 'ERR_TAP_SYSTEM',
      clone: 'ERR_TAP_SYSTEM',
      memory: 'ERR_TAP_SYSTEM',
      sendMany: 'ERR_TAP_SYSTEM',
      sendLong: 'ERR_TAP_SYSTEM',
      sendShort: 'done',
      receiveEnd: 'ERR_TAP_SYSTEM',
      receiveShort: 'short',
      sendAfter: 'done',
      receiveAfter: 'works',
      leaked: 0,
      abandoned: 0,
    });
  });
});
