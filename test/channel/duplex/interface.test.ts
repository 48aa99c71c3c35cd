// A link between two processes: both ways, messages of any length, asleep when there is nothing to do.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectInterface, type Interface, InterfaceServer } from '../../../src/channel/duplex/index.js';
import { FdListener } from '../../../src/channel/fdpass.js';
import { core } from '../../../src/native/core.js';
import { closing, pattern } from '../../support/channels.js';
import { makeTapFolder, type Running } from '../../support/pkttap.js';
import { openFds } from '../../support/taps.js';
import { until } from '../../support/until.js';

const PEER = join(import.meta.dirname, '../../programs/duplex-peer.js');

function startPeer(scenario: string, name: string, options: object = {}): Running {
  return makeTapFolder().spawn('node', [PEER, scenario, name, JSON.stringify(options)]);
}

async function linked(capacity = 1 << 12): Promise<[Interface, Interface]> {
  const server = closing(InterfaceServer.create({ capacity }));
  const connecting = connectInterface(server.name, { capacity });
  return [closing(await server.accept()), closing(await connecting)];
}

describe('a link', () => {
  it('carries messages of all lengths both ways between two processes, and sleeps in between', async () => {
    const capacity = 1 << 12;
    const server = closing(InterfaceServer.create({ capacity }));
    const peer = startPeer('echo', server.name, { capacity });
    const link = await server.accept();
    expect([link.capacity, link.maxBytes]).toEqual([capacity, capacity / 2 - 4]);
    const lengths = Array.from({ length: 500 }, (_, i) => (i * 97) % (link.maxBytes + 1));
    const sending = (async () => {
      for (const length of lengths) await link.xmit(pattern(length));
    })();
    for (const length of lengths) expect(Buffer.compare((await link.recv())!, pattern(length).reverse())).toBe(0);
    await sending;
    link.close();
    expect(JSON.parse((await peer.ended).stdout.toString())).toMatchObject({ ended: true });
  });

  it('keeps what was sent apart: neither direction sees the other one, however full both are', async () => {
    const [one, other] = await linked(256);
    const counts = [one, other].map((side, i) => {
      let count = 0;
      while (side.tryXmit(Uint8Array.of(i, count))) count++;
      return count;
    });
    expect(counts).toEqual([32, 32]);
    for (const [i, side] of [other, one].entries())
      for (let n = 0; n < 32; n++) expect(await side.recv()).toEqual(Uint8Array.of(i, n));
  });

  it('gives all that is there at once, or as many as asked for', async () => {
    const [one, other] = await linked();
    for (let i = 0; i < 5; i++) await one.xmit(Uint8Array.of(i));
    const numbers = (messages: Uint8Array[]) => messages.map(([number]) => number);
    expect(numbers(await other.recvVectored(2))).toEqual([0, 1]);
    expect(numbers(await other.recvVectored())).toEqual([2, 3, 4]);
    const waiting = other.recvVectored();
    await one.xmit(Uint8Array.of(9));
    expect(numbers(await waiting)).toEqual([9]);
  });

  it('holds up who sends too fast, until there is room, the signal aborts, or nobody receives', async () => {
    const [one, other] = await linked(64);
    const message = new Uint8Array(28);
    while (one.tryXmit(message));
    const waiting = one.xmit(message);
    expect(await other.recv()).toEqual(message);
    await waiting;
    const aborting = new AbortController();
    const given = one.xmit(message, { signal: aborting.signal });
    aborting.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    const lost = one.xmit(message);
    other.close();
    await expect(lost).rejects.toMatchObject({ code: 'ERR_TAP_DISCONNECTED' });
    await expect(one.xmit(new Uint8Array(29))).rejects.toThrow(RangeError);
  });

  it('is read to its end when the other process is killed', async () => {
    const server = closing(InterfaceServer.create());
    startPeer('die', server.name);
    const link = closing(await server.accept());
    const numbers: number[] = [];
    await link.run((messages) => void numbers.push(...messages.map(([number]) => number!)));
    expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([link.ended, await link.recv(), await link.recvVectored()]).toEqual([true, undefined, []]);
  });

  it('runs until its signal aborts, and throws what its handler throws', async () => {
    const [one, other] = await linked();
    const aborting = new AbortController();
    const heard: number[] = [];
    const running = other.run((messages) => {
      heard.push(messages.length);
      aborting.abort();
    }, aborting.signal);
    await one.xmit(new Uint8Array());
    await running;
    expect(heard).toEqual([1]);
    await one.xmit(new Uint8Array());
    const failing = other.run(() => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
  });

  it('is closed by either side, and tells who uses it then', async () => {
    const [one, other] = await linked();
    const waiting = one.recv();
    one.close();
    one.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_TAP_CLOSED' });
    expect(() => one.tryRecv()).toThrow(expect.objectContaining({ code: 'ERR_TAP_CLOSED' }));
    expect(await other.recv()).toBeUndefined();
  });
});

describe('a server of links', () => {
  it('has many peers, each with memory of its own', async () => {
    const server = closing(InterfaceServer.create());
    const peers = [0, 1, 2].map(() => startPeer('echo', server.name));
    const links: Interface[] = [];
    for (const _ of peers) links.push(closing(await server.accept()));
    for (const [i, link] of links.entries()) await link.xmit(Uint8Array.of(i, 7));
    for (const [i, link] of links.entries()) expect(await link.recv()).toEqual(Uint8Array.of(7, i));
  });

  it('is not for clients that expect another capacity, nor for those of something else', async () => {
    const server = closing(InterfaceServer.create({ capacity: 128 }));
    const connecting = connectInterface(server.name, { capacity: 256 });
    const outcome = expect(connecting).rejects.toMatchObject({ code: 'ERR_TAP_PROTOCOL' });
    closing(await server.accept());
    await outcome;
    const listener = closing(new FdListener());
    const misled = connectInterface(listener.name, { capacity: 128 });
    const refused = expect(misled).rejects.toMatchObject({ code: 'ERR_TAP_RING' });
    await closing(await listener.accept()).sendFd(128, 0);
    await refused;
  });

  it.each([0, 60, 100, 2 ** 30])('has no capacity of %d', (capacity) => {
    expect(() => InterfaceServer.create({ capacity })).toThrow(RangeError);
  });

  it('leaves nothing open behind', async () => {
    const once = async () => {
      const server = InterfaceServer.create();
      const connecting = connectInterface(server.name);
      const sides = [await server.accept(), await connecting];
      for (const side of [...sides, server]) side.close();
    };
    await once();
    const before = openFds();
    for (let i = 0; i < 20; i++) await once();
    await until(() => openFds() <= before);
  });
});

describe('a peer that breaks the memory', () => {
  it.each([
    ['a length beyond what was written', 80, 100],
    ['a length beyond what may be', 80, 0x7fff_ffff],
    ['a skip where none can be', 80, -1],
    ['an impossible tail', 16, 777],
  ])('with %s loses its link, and nothing else is read', async (_, word, value) => {
    const listener = closing(new FdListener());
    const connecting = connectInterface(listener.name, { capacity: 64 });
    const shared = core().createShared(2 * (320 + 64));
    const words = new Int32Array(shared.buffer);
    for (const at of [0, (320 + 64) / 4]) words.set([0x71746b70, 1, 0, 64], at);
    const socket = closing(await listener.accept());
    await socket.sendFd(64, shared.fd);
    core().closeFd(shared.fd);
    const link = closing(await connecting);
    words[16] = 8;
    words[word] = value;
    await expect(link.recv()).rejects.toMatchObject({ code: 'ERR_TAP_RING' });
    shared.unmap();
  });
});
