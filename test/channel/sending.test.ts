// One process, both ends: a sender that waits, is in time, or has nobody to send to any more.

import { describe, expect, it } from 'vitest';
import type { IpcReceiver, IpcSender } from '../../src/channel/index.js';
import { closing, openBytesChannel, openChannel, pattern } from '../support/channels.js';
import { openFds } from '../support/taps.js';

describe('sending', () => {
  it('concurrent_senders: from many senders arrives whole, each sender in order', async () => {
    const [tx, rx] = openChannel<{ from: number; number: number; bytes: Uint8Array }>();
    const bytes = pattern(200_000);
    const sending = Array.from({ length: 3 }, async (_, from) => {
      using clone = tx.clone();
      for (let number = 0; number < 5; number++) await clone.send({ from, number, bytes });
    });
    tx.close();
    const next = [0, 0, 0];
    for await (const message of rx) {
      expect(Buffer.compare(message.bytes, bytes)).toBe(0);
      expect(message.number).toBe(next[message.from]!++);
    }
    await Promise.all(sending);
    expect(next).toEqual([5, 5, 5]);
  });

  it('waits while the queue is full, in order, and takes what it was given at once', async () => {
    const [tx, rx] = openChannel<unknown>();
    const [subTx, subRx] = openChannel<string>();
    let queued = 0;
    while (tx.trySend(queued)) queued++;
    const changed = { before: true };
    const late = [tx.send(changed), tx.send({ subRx, subTx })];
    changed.before = false;
    subTx.close();
    expect(() => subRx.tryRecv()).toThrow(expect.objectContaining({ code: 'ERR_TAP_CLOSED' }));
    expect(tx.trySend('overtaking')).toBe(false);
    for (let i = 0; i < queued; i++) expect(await rx.recv()).toBe(i);
    expect(await rx.recv()).toEqual({ before: true });
    await Promise.all(late);
    const ends = (await rx.recv()) as { subTx: IpcSender<string>; subRx: IpcReceiver<string> };
    await closing(ends.subTx).send('still there');
    expect(await closing(ends.subRx).recv()).toBe('still there');
  });

  it.each([1, 1000])('takes a Buffer of %i bytes as it is now, though it has to wait', async (length) => {
    const [tx, rx] = openBytesChannel();
    let queued = 0;
    while (tx.trySend(Uint8Array.of(0))) queued++;
    const bytes = Buffer.alloc(length, 1);
    const sending = tx.send(bytes);
    bytes.fill(2);
    for (let i = 0; i < queued; i++) await rx.recv();
    expect(await rx.recv()).toEqual(new Uint8Array(length).fill(1));
    await sending;
  });

  it('values that wait arrive as they were, whatever is sent meanwhile', async () => {
    const [tx, rx] = openChannel<string>();
    const [otherTx, otherRx] = openChannel<string>();
    let queued = 0;
    while (tx.trySend('queued')) queued++;
    const sending = ['first', 'second'].map((word) => tx.send(word));
    await otherTx.send('other');
    for (let i = 0; i < queued; i++) await rx.recv();
    expect([await rx.recv(), await rx.recv(), await otherRx.recv()]).toEqual(['first', 'second', 'other']);
    await Promise.all(sending);
  });

  it('that waits ends with the signal, and leaves nothing open', async () => {
    const [tx] = openChannel<unknown>();
    const [subTx, subRx] = openChannel<string>();
    while (tx.trySend(0));
    const before = openFds();
    const aborting = new AbortController();
    const waiting = tx.send([subTx, subRx], { signal: aborting.signal });
    aborting.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    // The receiver was in the message.
    expect(openFds()).toBe(before - 1);
  });

  it.each([
    ['no_receiver_notification: before', 0],
    ['no_receiver_notification_pending: with messages unread', 3],
  ])('to a receiver that was closed %s is told', async (_, unread) => {
    const [tx, rx] = openChannel<number>();
    for (let i = 0; i < unread; i++) await tx.send(i);
    rx.close();
    await expect(tx.send(1)).rejects.toMatchObject({ code: 'ERR_TAP_DISCONNECTED' });
    expect(() => tx.trySend(1)).toThrow(expect.objectContaining({ code: 'ERR_TAP_DISCONNECTED' }));
  });

  it('no_receiver_notification_delayed: to a receiver that is closed while it waits is told', async () => {
    const [tx, rx] = openChannel<number>();
    while (tx.trySend(0));
    const waiting = tx.send(1);
    rx.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_TAP_DISCONNECTED' });
  });
});
