// One process, both ends: what a channel carries, and how it ends.

import { openSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAX_INLINE_BYTES } from '../../src/channel/envelope.js';
import {
  channel,
  IpcFd,
  type IpcReceiver,
  type IpcSender,
  IpcSharedMemory,
  type OpaqueIpcReceiver,
  type OpaqueIpcSender,
} from '../../src/channel/index.js';
import { closing, openBytesChannel, openChannel, PERSON, type Person, pattern } from '../support/channels.js';
import { openFds } from '../support/taps.js';

describe('a channel', () => {
  it('simple: carries a value, and ends when its sender has gone', async () => {
    const [tx, rx] = openChannel<Person>();
    await tx.send(PERSON);
    expect(await rx.recv()).toEqual(PERSON);
    expect(rx.ended).toBe(false);
    tx.close();
    expect(await rx.recv()).toBeUndefined();
    expect(rx.ended).toBe(true);
  });

  it('carries every kind of value that has a meaning elsewhere', async () => {
    const [tx, rx] = openChannel<unknown>();
    const value = {
      text: 'Käse',
      numbers: [0, -1, 1.5, 2 ** 53, Number.NaN],
      bigs: [2n ** 64n, -(2n ** 70n)],
      nothing: [null, undefined, true],
      when: new Date(1_700_000_000_123),
      bytes: Uint8Array.of(1, 2, 3),
      floats: new Float64Array([1.5]),
      set: new Set(['a']),
      deep: { er: [{ and: [[['deeper']]] }] },
    };
    await tx.send(value);
    expect(await rx.recv()).toEqual(value);
  });

  it('embedded_senders: carries senders, which work where they arrive and where they came from', async () => {
    const [subTx, subRx] = openChannel<Person>();
    const [superTx, superRx] = openChannel<[Person, IpcSender<Person>]>();
    await superTx.send([PERSON, subTx]);
    const [person, sender] = (await superRx.recv())!;
    expect(person).toEqual(PERSON);
    await closing(sender).send(['far', 1]);
    await subTx.send(['near', 2]);
    expect([await subRx.recv(), await subRx.recv()]).toEqual([
      ['far', 1],
      ['near', 2],
    ]);
  });

  it('embedded_receivers: carries receivers with what they have not read, and they are gone where they came from', async () => {
    const [subTx, subRx] = openChannel<string>();
    const [superTx, superRx] = openChannel<{ rx: IpcReceiver<string> }>();
    await subTx.send('unread');
    await superTx.send({ rx: subRx });
    const { rx } = (await superRx.recv())!;
    await subTx.send('later');
    expect([await closing(rx).recv(), await rx.recv()]).toEqual(['unread', 'later']);
    expect(() => subRx.tryRecv()).toThrow(expect.objectContaining({ code: 'ERR_TAP_CLOSED' }));
    await expect(superTx.send({ rx: subRx })).rejects.toMatchObject({ code: 'ERR_TAP_CLOSED' });
  });

  it('embedded_opaque_senders and receivers: carries ends without their types', async () => {
    const [subTx, subRx] = openChannel<Person>();
    const [superTx, superRx] = openChannel<{ tx: OpaqueIpcSender; rx: OpaqueIpcReceiver }>();
    await superTx.send({ tx: closing(subTx.toOpaque()), rx: subRx.toOpaque() });
    const { tx, rx } = (await superRx.recv()) as unknown as { tx: IpcSender<Person>; rx: IpcReceiver<Person> };
    await closing(tx).send(PERSON);
    expect(await closing(rx).recv()).toEqual(PERSON);
  });

  it('opaque_sender: an end without its type is the same end, and can have one again', async () => {
    const [tx, rx] = openChannel<Person>();
    const opaque = tx.toOpaque();
    expect(() => tx.trySend(PERSON)).toThrow(expect.objectContaining({ code: 'ERR_TAP_CLOSED' }));
    await closing(opaque.to<Person>()).send(PERSON);
    expect(await closing(rx.toOpaque().to<Person>()).recv()).toEqual(PERSON);
  });

  it('embedded_bytes_receivers: carries ends of bytes channels', async () => {
    const [bytesTx, bytesRx] = openBytesChannel();
    const [tx, rx] = openChannel<{ bytesRx: typeof bytesRx; bytesTx: typeof bytesTx }>();
    await tx.send({ bytesRx, bytesTx });
    const arrived = (await rx.recv())!;
    await closing(arrived.bytesTx).send(Uint8Array.of(1, 2));
    expect(await closing(arrived.bytesRx).recv()).toEqual(Uint8Array.of(1, 2));
  });

  it('multiple_paths_to_a_sender: carries one sender twice, and both are it', async () => {
    const [subTx, subRx] = openChannel<number>();
    const [tx, rx] = openChannel<{ a: IpcSender<number>; b: IpcSender<number> }>();
    await tx.send({ a: subTx, b: subTx });
    const { a, b } = (await rx.recv())!;
    await closing(a).send(1);
    await closing(b).send(2);
    expect([await subRx.recv(), await subRx.recv()]).toEqual([1, 2]);
  });

  it('transfer_closed_sender: carries a sender to whose receiver nobody listens any more', async () => {
    const [subTx, subRx] = openChannel<number>();
    const [tx, rx] = openChannel<IpcSender<number>>();
    subRx.close();
    await tx.send(subTx);
    await expect(closing((await rx.recv())!).send(1)).rejects.toMatchObject({ code: 'ERR_TAP_DISCONNECTED' });
  });

  it('carries one receiver once: twice in a message is a mistake, and leaves it where it is', async () => {
    const [subTx, subRx] = openChannel<number>();
    const [tx] = openChannel<unknown>();
    await expect(tx.send([subRx, subRx])).rejects.toThrow(TypeError);
    await subTx.send(1);
    expect(await subRx.recv()).toBe(1);
  });

  it('carries files', async () => {
    const [tx, rx] = openChannel<{ file: IpcFd }>();
    await tx.send({ file: closing(new IpcFd(openSync(import.meta.filename, 'r'))) });
    const { file } = (await rx.recv())!;
    expect(readFileSync(closing(file).fd, 'utf8')).toContain('carries files');
  });

  it('test_reentrant: lets a value send while it is being sent', async () => {
    const [innerTx, innerRx] = openChannel<string>();
    const [tx, rx] = openChannel<unknown>();
    class Chatty {
      toJSON() {
        innerTx.trySend('inner');
        return 'outer';
      }
    }
    await tx.send([new Chatty(), innerTx]);
    const [text, sender] = (await rx.recv()) as [string, IpcSender<string>];
    closing(sender);
    expect([await innerRx.recv(), text]).toEqual(['inner', 'outer']);
  });

  it('refuses undefined, which stands for nothing there', async () => {
    const [tx] = openChannel<undefined>();
    await expect(tx.send(undefined)).rejects.toThrow('send null');
  });
});

describe('receiving', () => {
  it('try_recv: gives what is there, and says whether more can come', async () => {
    const [tx, rx] = openChannel<Person>();
    expect(rx.tryRecv()).toBeUndefined();
    await tx.send(PERSON);
    expect(rx.tryRecv()).toEqual(PERSON);
    expect([rx.tryRecv(), rx.ended]).toEqual([undefined, false]);
    tx.close();
    expect([rx.tryRecv(), rx.ended]).toEqual([undefined, true]);
  });

  it('try_recv_timeout: waits for no longer than it was told', async () => {
    const [tx, rx] = openChannel<Person>();
    expect(await rx.tryRecvTimeout(5)).toBeUndefined();
    const waiting = rx.tryRecvTimeout(60_000);
    await tx.send(PERSON);
    expect(await waiting).toEqual(PERSON);
    tx.close();
    expect(await rx.tryRecvTimeout(60_000)).toBeUndefined();
  });

  it('try_recv_large: has all of a long message, or nothing', async () => {
    const [tx, rx] = openBytesChannel();
    const bytes = pattern(1 << 20);
    const sending = Array.from({ length: 5 }, () => tx.clone()).map((each) =>
      each.send(bytes).then(() => each.close()),
    );
    for (let received = 0; received < 5; ) {
      const message = rx.tryRecv();
      if (message === undefined) await new Promise(setImmediate);
      else expect([Buffer.compare(message, bytes), ++received]).toEqual([0, received]);
    }
    await Promise.all(sending);
    expect(rx.tryRecv()).toBeUndefined();
  });

  it('test_so_linger: gives everything that was sent before it ends', async () => {
    const [tx, rx] = openChannel<number>();
    for (let i = 0; i < 100; i++) await tx.send(i);
    tx.close();
    const received: number[] = [];
    for await (const number of rx) received.push(number);
    expect(received).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('test_receiver_stream: works as a stream', async () => {
    const [tx, rx] = openChannel<number>();
    const sending = (async () => {
      for (let i = 0; i < 1000; i++) await tx.send(i);
      tx.close();
    })();
    let sum = 0;
    for await (const number of rx.toStream()) sum += number as number;
    await sending;
    expect(sum).toBe(499_500);
  });

  it('lets timers have their turn while messages keep coming', async () => {
    const [tx, rx] = openChannel<number>();
    let fired = false;
    setImmediate(() => {
      fired = true;
    });
    for (let i = 0; !fired; i++) {
      tx.trySend(i);
      await rx.recv();
    }
    expect(fired).toBe(true);
  });

  it('leaves others their turn while it waits for a quiet channel', async () => {
    const [quietTx, quietRx] = openChannel<string>();
    const [tx, rx] = openChannel<number>();
    const waiting = quietRx.recv();
    for (let i = 0; i < 300; i++) {
      setImmediate(() => tx.trySend(i));
      expect(await rx.recv()).toBe(i);
    }
    await quietTx.send('at last');
    expect(await waiting).toBe('at last');
  });

  it('ends with the signal, or when it is closed meanwhile, and goes on otherwise', async () => {
    const [tx, rx] = openChannel<number>();
    const aborting = new AbortController();
    const given = rx.recv({ signal: aborting.signal });
    aborting.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    await tx.send(1);
    expect(await rx.recv()).toBe(1);
    const waiting = rx.recv();
    expect(() => tx.trySend(rx as never)).toThrow(/waits for its next message/);
    rx.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_TAP_CLOSED' });
  });
});

describe('a message', () => {
  // full_packet, overfull_packet, medium_data, big_data, huge_data, empty; and around the limit between inline and memory.
  it.each([0, 1, MAX_INLINE_BYTES - 1, MAX_INLINE_BYTES, MAX_INLINE_BYTES + 1, 1 << 20, 50 << 20])(
    'of %i bytes arrives whole over a bytes channel, and can be written to',
    async (length) => {
      const [tx, rx] = openBytesChannel();
      const bytes = pattern(length);
      const sending = tx.send(bytes);
      const received = (await rx.recv())!;
      await sending;
      expect(Buffer.compare(received, bytes)).toBe(0);
      received.fill(1);
      expect(received.every((byte) => byte === 1)).toBe(true);
    },
  );

  // full_packet_with_N_fds, overfull_packet_with_63_fds, big_data_with_N_fds; and more than the kernel takes at once.
  const FDS = [1, 2, 3, 6, 63, 64, 65, 251, 252, 253, 254, 600];
  it.each(FDS.flatMap((count) => [0, MAX_INLINE_BYTES + 1].map((length) => [count, length] as const)))(
    'with %i ends of channels in it and %i bytes arrives with all of them',
    async (count, length) => {
      const before = openFds();
      const [tx, rx] = channel<{ ends: IpcSender<number>[]; bytes: Uint8Array }>();
      const made = Array.from({ length: count }, () => channel<number>());
      const bytes = pattern(length);
      await tx.send({ ends: made.map(([sender]) => sender), bytes });
      const received = (await rx.recv())!;
      expect(Buffer.compare(received.bytes, bytes)).toBe(0);
      for (const [i, end] of received.ends.entries()) await end.send(i);
      expect(await Promise.all(made.map(([, receiver]) => receiver.recv()))).toEqual([...made.keys()]);
      for (const end of [tx, rx, ...received.ends, ...made.flat()]) end.close();
      expect(openFds()).toBe(before);
    },
  );
});

describe('shared memory', () => {
  it('shared_memory: is the same at the receiver, and stays so whatever its maker does', async () => {
    const [tx, rx] = openChannel<{ memory: IpcSharedMemory }>();
    const made = closing(IpcSharedMemory.fromByte(0xba, 1 << 20));
    await tx.send({ memory: made });
    const { memory } = (await rx.recv())!;
    made.bytes.fill(0);
    expect(closing(memory).bytes.every((byte) => byte === 0xba)).toBe(true);
    memory.bytes[0] = 1;
    expect(made.bytes[0]).toBe(0);
  });

  it.each([[[]], [[4, 2, 42]]])('shared_memory_slice: of %j is these bytes', async (bytes) => {
    const [tx, rx] = openChannel<IpcSharedMemory>();
    await tx.send(closing(IpcSharedMemory.fromBytes(Uint8Array.from(bytes))));
    expect([...closing((await rx.recv())!).bytes]).toEqual(bytes);
  });

  it('is gone after it was closed, and throws instead of crashing', () => {
    const memory = IpcSharedMemory.fromByte(1, 10);
    const { bytes } = memory;
    memory.close();
    memory.close();
    expect(bytes.length).toBe(0);
    expect(() => memory.bytes).toThrow(expect.objectContaining({ code: 'ERR_TAP_CLOSED' }));
  });
});
