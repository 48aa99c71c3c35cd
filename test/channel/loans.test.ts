// Long messages lie in memory that their sender lends: who may look at it, for how long, and what becomes of it.

import { describe, expect, it } from 'vitest';
import { bytesChannel, channel, type IpcBytesReceiver, IpcServer } from '../../src/channel/index.js';
import { MAX_LOAN_BYTES } from '../../src/channel/loan.js';
import { closing, pattern, startPeer } from '../support/channels.js';
import { mapped } from '../support/mapped.js';
import { openFds } from '../support/taps.js';
import { until } from '../support/until.js';

const LENT = 'memfd:pkttap-shared';
const LONG = 100_000;

function open() {
  const [tx, rx] = bytesChannel();
  return [closing(tx), closing(rx)] as const;
}

/** Long messages that can be told apart. */
const message = (value: number) => new Uint8Array(LONG).fill(value);

const isAll = (bytes: Uint8Array, value: number) => bytes.length === LONG && bytes.every((byte) => byte === value);

describe('a borrowed message', () => {
  it.each([1, LONG, 1 << 20, MAX_LOAN_BYTES, MAX_LOAN_BYTES + 1])('of %i bytes is what was sent', async (length) => {
    const [tx, rx] = open();
    const bytes = pattern(length);
    const sending = tx.send(bytes);
    using borrowed = (await rx.borrow())!;
    await sending;
    expect(Buffer.compare(borrowed.bytes, bytes)).toBe(0);
  });

  it('lies in memory that its sender fills again once it was given back', async () => {
    const [tx, rx] = open();
    const before = mapped(LENT);
    for (let i = 0; i < 50; i++) {
      await tx.send(message(i));
      using borrowed = (await rx.borrow())!;
      expect(isAll(borrowed.bytes, i)).toBe(true);
    }
    // Here are both sides.
    expect(mapped(LENT) - before).toBe(2);
  });

  it('stays as it is until it is given back, however many others come', async () => {
    const [tx, rx] = open();
    const held = [];
    for (let i = 0; i < 40; i++) {
      await tx.send(message(i));
      held.push((await rx.borrow())!);
    }
    for (const [i, { bytes }] of held.entries()) expect(isAll(bytes, i)).toBe(true);
    for (const borrowed of held) borrowed.release();
    await tx.send(message(99));
    expect(isAll((await rx.recv())!, 99)).toBe(true);
  });

  it('outlives both ends of its channel', async () => {
    const [tx, rx] = open();
    const fds = openFds();
    await tx.send(message(7));
    using borrowed = (await rx.borrow())!;
    tx.close();
    rx.close();
    expect(isAll(borrowed.bytes, 7)).toBe(true);
    expect(openFds()).toBe(fds - 2);
  });

  it('is gone after it was given back, and throws instead of showing another one', async () => {
    const [tx, rx] = open();
    for (const bytes of [Uint8Array.of(1), message(1), new Uint8Array(MAX_LOAN_BYTES + 1)]) {
      const sending = tx.send(bytes);
      const borrowed = (await rx.borrow())!;
      await sending;
      borrowed.release();
      borrowed.release();
      expect(() => borrowed.bytes).toThrow(expect.objectContaining({ code: 'ERR_TAP_CLOSED' }));
    }
    expect(mapped('memfd:pkttap-message')).toBe(0);
  });

  it('can be sent on, as a message of its own', async () => {
    const [tx, rx] = open();
    const [onTx, onRx] = open();
    await tx.send(message(3));
    {
      using borrowed = (await rx.borrow())!;
      await onTx.send(borrowed.bytes);
    }
    await tx.send(message(4));
    expect([isAll((await onRx.recv())!, 3), isAll((await rx.recv())!, 4)]).toEqual([true, true]);
  });

  it('is undefined at the end', async () => {
    const [tx, rx] = open();
    tx.close();
    expect(await rx.borrow()).toBeUndefined();
  });
});

describe('a long message', () => {
  it('that was received is its receiver’s own, whatever comes after it', async () => {
    const [tx, rx] = open();
    await tx.send(message(1));
    const first = (await rx.recv())!;
    await tx.send(message(2));
    first[0] = 9;
    const second = (await rx.recv())!;
    expect([first[0], first[1], isAll(second, 2)]).toEqual([9, 1, true]);
  });

  it('of values is taken apart in a copy, and its sender has its memory back at once', async () => {
    const [tx, rx] = channel<{ text: string; bytes: Uint8Array }>();
    const before = mapped(LENT);
    const values = [];
    for (let i = 0; i < 20; i++) {
      await closing(tx).send({ text: 'x'.repeat(LONG), bytes: message(i) });
      values.push((await closing(rx).recv())!);
    }
    for (const [i, { bytes, text }] of values.entries()) expect([isAll(bytes, i), text.length]).toEqual([true, LONG]);
    expect(mapped(LENT) - before).toBe(2);
  });

  it('is taken as it is now, though it has to wait for room', async () => {
    const [tx, rx] = open();
    let queued = 0;
    while (tx.trySend(Uint8Array.of(0))) queued++;
    const bytes = message(5);
    const sending = tx.send(bytes);
    bytes.fill(6);
    for (let i = 0; i < queued; i++) await rx.recv();
    expect(isAll((await rx.recv())!, 5)).toBe(true);
    await sending;
  });

  it('of several senders lies in memory of each, and moves with an unread receiver', async () => {
    const [tx, rx] = open();
    const [outerTx, outerRx] = channel<IpcBytesReceiver>();
    const other = closing(tx.clone());
    for (const [i, sender] of [tx, other, tx, other].entries()) await sender.send(message(i));
    using first = (await rx.borrow())!;
    await closing(outerTx).send(rx);
    const moved = closing((await closing(outerRx).recv())!);
    for (const i of [1, 2, 3]) expect(isAll((await moved.recv())!, i)).toBe(true);
    expect(isAll(first.bytes, 0)).toBe(true);
  });

  it('of a process that was killed arrives, with all it had sent', async () => {
    const server = closing(IpcServer.create<Uint8Array>());
    const peer = startPeer('flood', server.name, String(LONG));
    const { receiver } = await server.accept();
    await peer.printed('"held"');
    const { sent } = JSON.parse(peer.stdout.split('\n')[0]!) as { sent: number };
    peer.signal('SIGKILL');
    await peer.ended;
    let received = 0;
    for await (const bytes of closing(receiver)) received += bytes.length / LONG;
    expect(received).toBe(sent);
  });
});

describe('memory that was lent', () => {
  it('is given back to the system by both sides when it was idle', async () => {
    const [tx, rx] = open();
    const [before, fds] = [mapped(LENT), openFds()];
    await tx.send(message(1));
    (await rx.borrow())!.release();
    expect([mapped(LENT) - before, openFds() - fds]).toEqual([2, 1]);
    await until(() => mapped(LENT) === before && openFds() === fds);
    await tx.send(message(2));
    expect(isAll((await rx.recv())!, 2)).toBe(true);
  });

  it('goes with the ends of the channel', async () => {
    const before = [mapped(LENT), openFds()];
    const [tx, rx] = bytesChannel();
    await tx.send(message(1));
    await rx.recv();
    tx.close();
    rx.close();
    expect([mapped(LENT), openFds()]).toEqual(before);
  });

  it('is bounded, though nothing is given back', async () => {
    const [tx, rx] = open();
    const before = [mapped(LENT), openFds()] as const;
    let sent = 0;
    while (tx.trySend(message(1))) sent++;
    expect(sent).toBeGreaterThan(16);
    expect([mapped(LENT) - before[0], openFds() - before[1]]).toEqual([16, 16]);
    for (let i = 0; i < sent; i++) await rx.recv();
    expect(mapped(LENT) - before[0]).toBeLessThanOrEqual(32);
  });

  it('is not taken for room by a sender that runs out of it and is aborted', async () => {
    const [tx, rx] = open();
    while (tx.trySend(Uint8Array.of(0)));
    const before = openFds();
    const aborting = new AbortController();
    const waiting = tx.send(message(1), { signal: aborting.signal });
    aborting.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    // The memory is kept for the next message.
    expect(openFds()).toBe(before + 1);
    expect(rx.tryRecv()).toEqual(Uint8Array.of(0));
  });
});
