// Many receivers, one wait.

import { describe, expect, it } from 'vitest';
import { bytesChannel, channel, IpcReceiverSet, type IpcSelection } from '../../src/channel/index.js';
import { closing, openChannel, PERSON, type Person, pattern } from '../support/channels.js';

const openSet = () => closing(new IpcReceiverSet());

describe('a receiver set', () => {
  it('select: gives each receiver its messages, by id', async () => {
    const [tx0, rx0] = openChannel<Person>();
    const [tx1, rx1] = openChannel<Person>();
    const set = openSet();
    const [id0, id1] = [set.add(rx0), set.add(rx1)];
    await tx0.send(PERSON);
    expect(await set.select()).toEqual([{ type: 'message', id: id0, message: PERSON }]);
    const waiting = set.select();
    await tx1.send(PERSON);
    expect(await waiting).toEqual([{ type: 'message', id: id1, message: PERSON }]);
    await tx0.send(PERSON);
    await tx1.send(PERSON);
    const ids: number[] = [];
    while (ids.length < 2) ids.push(...(await set.select()).map(({ id }) => id));
    expect(ids.sort()).toEqual([id0, id1]);
  });

  it('receiver_set_close_before_adding and after: tells that a channel has ended, and lets it go', async () => {
    const [tx0, rx0] = openChannel<number>();
    const [tx1, rx1] = openChannel<number>();
    tx0.close();
    const set = openSet();
    const [id0, id1] = [set.add(rx0), set.add(rx1)];
    expect(await set.select()).toEqual([{ type: 'closed', id: id0 }]);
    await tx1.send(1);
    tx1.close();
    expect(await set.select()).toEqual([
      { type: 'message', id: id1, message: 1 },
      { type: 'closed', id: id1 },
    ]);
    expect(set.size).toBe(0);
    expect(await set.select()).toEqual([]);
  });

  it('takes receivers of bytes and opaque ones, and messages of any size (receiver_set_empty, medium_data, big_data)', async () => {
    const [bytesTx, bytesRx] = bytesChannel();
    const [tx, rx] = openChannel<Uint8Array>();
    const set = openSet();
    const ids = [set.add(bytesRx), set.add(rx.toOpaque())];
    for (const length of [0, 60_000, 1 << 20]) {
      const bytes = pattern(length);
      await Promise.all([closing(bytesTx).send(bytes), tx.send(bytes)]);
      const selections: IpcSelection[] = [];
      while (selections.length < 2) selections.push(...(await set.select()));
      expect(selections.map(({ id }) => id).sort()).toEqual(ids);
      for (const one of selections)
        expect(one.type === 'message' && Buffer.compare(one.message as Uint8Array, bytes)).toBe(0);
    }
  });

  it('receiver_set_concurrent: keeps the order of each of many channels', async () => {
    const set = openSet();
    const senders = Array.from({ length: 5 }, (_, i) => {
      const [tx, rx] = channel<number>();
      const id = set.add(rx);
      const sending = (async () => {
        for (let n = 0; n < 300; n++) await tx.send(n * 10 + i);
        tx.close();
      })();
      return { id, sending, next: i };
    });
    while (set.size > 0) {
      for (const selection of await set.select()) {
        const from = senders.find(({ id }) => id === selection.id)!;
        if (selection.type === 'closed') expect(from.next).toBe(3000 + senders.indexOf(from));
        else expect(selection).toMatchObject({ type: 'message', message: from.next });
        from.next += 10;
      }
    }
    await Promise.all(senders.map(({ sending }) => sending));
  });

  it('gives a quiet receiver its turn beside one that is never empty', async () => {
    const [loudTx, loudRx] = openChannel<number>();
    const [quietTx, quietRx] = openChannel<string>();
    const set = openSet();
    set.add(loudRx);
    set.add(quietRx);
    while (loudTx.trySend(0));
    await quietTx.send('here');
    expect(await set.select()).toContainEqual({ type: 'message', id: 2, message: 'here' });
  });

  it('lets timers have their turn while messages keep coming', async () => {
    const [tx, rx] = openChannel<number>();
    const set = openSet();
    set.add(rx);
    let fired = false;
    setImmediate(() => {
      fired = true;
    });
    while (!fired) {
      tx.trySend(0);
      await set.select();
    }
    expect(fired).toBe(true);
  });

  it('select ±timeout: waits no longer than it was told, and try_select not at all', async () => {
    const [tx, rx] = openChannel<number>();
    const set = openSet();
    set.add(rx);
    expect(set.trySelect()).toEqual([]);
    expect(await set.select({ timeoutMs: 5 })).toEqual([]);
    const aborting = new AbortController();
    const waiting = set.select({ signal: aborting.signal });
    aborting.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await tx.send(1);
    expect(await set.select({ timeoutMs: 60_000 })).toHaveLength(1);
  });

  it('tells of a bad message, and goes on with that receiver', async () => {
    const [tx, rx] = openChannel<unknown>();
    const set = openSet();
    const id = set.add(rx);
    // Deeper than the receiver allows.
    let deep: unknown = 1;
    for (let i = 0; i < 200; i++) deep = [deep];
    await tx.send(deep);
    await tx.send('good');
    expect(await set.select()).toEqual([
      { type: 'error', id, error: expect.objectContaining({ code: 'ERR_TAP_PROTOCOL' }) },
      { type: 'message', id, message: 'good' },
    ]);
  });

  it('gives a receiver back', async () => {
    const [tx, rx] = openChannel<number>();
    const set = openSet();
    const id = set.add(rx);
    set.trySelect();
    expect(set.remove(id)).toBe(rx);
    expect(set.remove(id)).toBeUndefined();
    await tx.send(1);
    expect(await rx.recv()).toBe(1);
  });
});
