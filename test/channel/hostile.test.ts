// A peer that breaks every rule gets a typed error at the receiver, which goes on with the next message and holds nothing of
// the bad one. Nothing here goes through a sender of ours: raw bytes, raw descriptors.

import { closeSync, openSync } from 'node:fs';
import { Packr } from 'msgpackr';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ReceiveLimits } from '../../src/channel/attachment.js';
import { IpcReceiver, IpcSender } from '../../src/channel/index.js';
import { LOAN_OFFSET } from '../../src/channel/loan.js';
import { SocketEnd } from '../../src/channel/socket-end.js';
import { core } from '../../src/native/core.js';
import { closing } from '../support/channels.js';
import { mapped } from '../support/mapped.js';
import { openFds } from '../support/taps.js';

const MAGIC = 0x706b7400;
const LENT = 'memfd:pkttap-shared';
const packr = new Packr({ useRecords: false });

function open(limits?: Partial<ReceiveLimits>) {
  const [near, far] = core().socketPair();
  const tx = closing(new IpcSender<unknown>(new SocketEnd(near)));
  const rx = closing(new IpcReceiver<unknown>(new SocketEnd(far), limits));
  const send = (flags: number, count: number, body: Uint8Array, fds: readonly number[] = []) =>
    expect(core().channelSend(near, Uint32Array.of(MAGIC | flags, count), body, fds)).toBe(0);
  return { tx, rx, near, send };
}

function file(): number {
  const fd = openSync('/dev/null', 'r');
  onTestFinished(() => closeSync(fd));
  return fd;
}

/** Memory for a loan of at most 4096 bytes. */
function lent() {
  const memory = core().createShared(LOAN_OFFSET + 4096);
  onTestFinished(() => {
    core().closeFd(memory.fd);
    memory.unmap();
  });
  return memory;
}

/** What a message says of its loan. */
const terms = (bytes: number, number: number) => new Uint8Array(Uint32Array.of(bytes, number).buffer);

async function expectRefused({ tx, rx }: ReturnType<typeof open>, what: RegExp | string): Promise<void> {
  await expect(rx.recv()).rejects.toMatchObject({ code: 'ERR_TAP_PROTOCOL', message: expect.stringMatching(what) });
  await tx.send('next');
  expect(await rx.recv()).toBe('next');
}

const attachment = (kind: number, index: number) => Uint8Array.of(0xd7, 0x50, 0, 0, 0, kind, 0, 0, 0, index);

describe('a receiver refuses', () => {
  const BODIES: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['no value', Uint8Array.of(), /in the middle/],
    ['half a value', Uint8Array.of(0xcf, 1, 2), /beyond the message/],
    ['two values', Uint8Array.of(1, 2), /1 bytes behind/],
    ['a byte that means nothing', Uint8Array.of(0xc1), /means nothing/],
    ['an array of 2^32-1 things in five bytes', Uint8Array.of(0xdd, 255, 255, 255, 255), /beyond the message/],
    ['a map of 2^32-1 things in five bytes', Uint8Array.of(0xdf, 255, 255, 255, 255), /beyond the message/],
    ['a string of 4 GiB in six bytes', Uint8Array.of(0xdb, 255, 255, 255, 255, 65), /beyond the message/],
    ['bytes longer than the message', Uint8Array.of(0xc4, 200, 1), /beyond the message/],
    ['an array that lacks an element', Uint8Array.of(0x92, 1), /beyond the message|in the middle/],
    ['values nested 101 deep', new Uint8Array(102).fill(0x91).fill(1, 101), /nested deeper than 100/],
    ['values nested 60,000 deep', new Uint8Array(60_000).fill(0x91), /nested deeper/],
    ['an extension of an unknown type', Uint8Array.of(0xd4, 0x33, 0), /unknown type: 51/],
    ['a record definition', Uint8Array.of(0xd4, 0x72, 0x40, 0x91, 0xa1, 65, 1), /unknown type: 114/],
    ['a reference to another value', Uint8Array.of(0xd6, 0x70, 0, 0, 0, 1), /unknown type: 112/],
    ['a set of nothing that is one', Uint8Array.of(0xd4, 0x73, 0, 5), /bad message/],
    ['a length cut off', Uint8Array.of(0xc9, 1), /in the middle/],
    ['an attachment that is not there', attachment(1, 0), /isn't there/],
    ['an attachment of no kind', attachment(99, 0), /isn't there/],
  ];
  for (const [what, body, why] of BODIES) {
    it(what, async () => {
      const channel = open();
      channel.send(0, 0, body);
      await expectRefused(channel, why);
    });
  }

  it('every prefix of a message', async () => {
    const channel = open();
    const whole = packr.pack({ text: 'some text', list: [1, 2.5, new Uint8Array(40)], big: 2n ** 63n });
    for (let end = 0; end < whole.length; end++) {
      channel.send(0, 0, whole.subarray(0, end));
      await expect(channel.rx.recv()).rejects.toMatchObject({ code: 'ERR_TAP_PROTOCOL' });
    }
    channel.send(0, 0, whole);
    expect(await channel.rx.recv()).toMatchObject({ text: 'some text' });
  });

  it('a message that is none of a channel', async () => {
    const channel = open();
    core().send(channel.near, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), []);
    await expectRefused(channel, /not of a channel/);
    core().send(channel.near, Uint8Array.of(1), [file()]);
    await expectRefused(channel, /not of a channel/);
    core().send(channel.near, new Uint8Array(), []);
    await expectRefused(channel, /empty message/);
  });

  const FDS: readonly (readonly [string, (channel: ReturnType<typeof open>) => void, RegExp])[] = [
    ['fewer descriptors than announced', ({ send }) => send(0, 2, attachment(6, 0), [file()]), /1 descriptors came/],
    ['more descriptors than announced', ({ send }) => send(0, 0, packr.pack(1), [file()]), /1 descriptors came/],
    ['a descriptor that nothing refers to', ({ send }) => send(0, 1, packr.pack(1), [file()]), /nothing in it refers/],
    [
      'one descriptor used twice',
      ({ send }) => send(0, 1, Uint8Array.of(0x92, ...attachment(6, 0), ...attachment(6, 0)), [file()]),
      /isn't there/,
    ],
    ['a file as a sender', ({ send }) => send(0, 1, attachment(1, 0), [file()]), /said to be of a channel/],
    ['a file as a receiver', ({ send }) => send(0, 1, attachment(2, 0), [file()]), /said to be of a channel/],
    ['a file as shared memory', ({ send }) => send(0, 1, attachment(5, 0), [file()]), /not a memfd/],
    ['a message in memory without memory', ({ send }) => send(1, 0, new Uint8Array()), /memory is missing/],
    ['a message in a file', ({ send }) => send(1, 0, new Uint8Array(), [file()]), /not a memfd/],
    ['descriptors in a socket that is none', ({ send }) => send(2, 300, packr.pack(1), [file()]), /no socket/],
  ];
  for (const [what, send, why] of FDS) {
    it(`${what}, and closes what came`, async () => {
      const channel = open();
      file();
      const before = openFds();
      send(channel);
      const opened = openFds();
      await expectRefused(channel, why);
      expect(openFds() - opened).toBe(0);
      expect(opened - before).toBeLessThanOrEqual(2);
    });
  }

  it('memory that its sender could still change', async () => {
    const channel = open();
    const shared = core().createShared(4096);
    channel.send(1, 0, new Uint8Array(), [shared.fd]);
    await expectRefused(channel, /not sealed/);
    channel.send(0, 1, attachment(5, 0), [shared.fd]);
    await expectRefused(channel, /not sealed/);
    core().closeFd(shared.fd);
    shared.unmap();
  });

  const TERMS: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['no terms', new Uint8Array(), /no terms/],
    ['half of its terms', new Uint8Array(4), /no terms/],
    ['more bytes than it has', terms(4097, 1), /in memory of 8192|expected/],
    ['more bytes than is lent at all', terms(2 ** 32 - 1, 1), /in memory of 8192|expected/],
  ];
  for (const [what, body, why] of TERMS) {
    it(`lent memory with ${what}, the first time and when it is known`, async () => {
      const channel = open();
      const memory = lent();
      const [fds, mappings] = [openFds(), mapped(LENT)];
      channel.send(4, 0, body, [memory.fd]);
      await expectRefused(channel, why);
      channel.send(4, 0, terms(1, 2), [memory.fd]);
      expect(await channel.rx.recv()).toBe(0);
      channel.send(4, 0, body, [memory.fd]);
      await expectRefused(channel, why);
      expect([openFds(), mapped(LENT)]).toEqual([fds, mappings + 1]);
    });
  }

  const LOANS: readonly (readonly [string, number, () => number[], RegExp])[] = [
    ['no memory', 4, () => [], /memory is missing/],
    ['a file', 4, () => [file()], /not a memfd/],
    ['lent and sealed memory at once', 5, () => [lent().fd], /two kinds of memory/],
    ['more descriptors than announced', 4, () => [lent().fd, file()], /1 descriptors came/],
  ];
  for (const [what, flags, fds, why] of LOANS) {
    it(`a loan with ${what}`, async () => {
      const channel = open();
      channel.send(flags, 0, terms(1, 1), fds());
      await expectRefused(channel, why);
    });
  }

  it('to believe what can still be changed: it copies lent memory, and gives it back, before it looks', async () => {
    const channel = open();
    const { fd, buffer } = lent();
    new Uint8Array(buffer, LOAN_OFFSET).set(packr.pack(['text', 1]));
    channel.send(4, 0, terms(7, 77), [fd]);
    expect(await channel.rx.recv()).toEqual(['text', 1]);
    expect(new Uint32Array(buffer, 0, 1)[0]).toBe(77);
  });

  it('a socket of descriptors in which some are missing', async () => {
    const channel = open();
    const [near, far] = core().socketPair();
    core().channelSend(near, Uint32Array.of(MAGIC, 1), new Uint8Array(), [file()]);
    const before = openFds();
    channel.send(2, 300, packr.pack(1), [far]);
    await expectRefused(channel, /some of its descriptors are missing/);
    expect(openFds()).toBe(before);
    core().closeFd(near);
    core().closeFd(far);
  });
});

describe('the limits of a receiver', () => {
  it('keep out what is too long, inline and in memory', async () => {
    const channel = open({ maxBytes: 1000 });
    await channel.tx.send('x'.repeat(2000));
    await expectRefused(channel, /2003 bytes, at most 1000/);
    await channel.tx.send('x'.repeat(200_000));
    await expectRefused(channel, /200005 bytes, at most 1000/);
    const sealed = core().sealBytes(new Uint8Array(2000));
    channel.send(1, 0, new Uint8Array(), [sealed]);
    await expectRefused(channel, /1000 expected/);
    core().closeFd(sealed);
  });

  it('keep out too many descriptors, and close them', async () => {
    const channel = open({ maxFds: 2 });
    const [tx] = [closing(channel.tx.clone())];
    const before = openFds();
    for (const count of [3, 300]) {
      await channel.tx.send(Array(count).fill(tx));
      await expectRefused(channel, new RegExp(`${count} descriptors, at most 2`));
    }
    expect(openFds()).toBe(before);
  });

  it('keep out what is nested too deep', async () => {
    const channel = open({ maxDepth: 2 });
    await channel.tx.send([[1]]);
    expect(await channel.rx.recv()).toEqual([[1]]);
    await channel.tx.send([[[1]]]);
    await expectRefused(channel, /nested deeper than 2/);
  });

  it.each([{ maxBytes: 0 }, { maxFds: -1 }, { maxDepth: 1001 }, { maxDepth: 1.5 }])('may not be %j', (limits) => {
    expect(() => open(limits)).toThrow(RangeError);
  });
});
