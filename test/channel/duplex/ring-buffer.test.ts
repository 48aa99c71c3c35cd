// A queue of elements of one size, in one process and between two.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Element, RingBuffer } from '../../../src/channel/duplex/index.js';
import { FdListener } from '../../../src/channel/fdpass.js';
import { core } from '../../../src/native/core.js';
import { closing } from '../../support/channels.js';
import { makeTapFolder } from '../../support/pkttap.js';
import { openFds } from '../../support/taps.js';

const PEER = join(import.meta.dirname, '../../programs/duplex-peer.js');

/** A number at the end of a slot of so many bytes. */
function element(bytes: number): Element<number> {
  return {
    bytes,
    write: (slot, value) => slot.setUint32(bytes - 4, value, true),
    read: (slot) => slot.getUint32(bytes - 4, true),
  };
}

function open(capacity: number, bytes = 4): RingBuffer<number> {
  return closing(RingBuffer.create(capacity, element(bytes)));
}

/** The same queue once more, as another process would have it. */
function again(queue: RingBuffer<number>, capacity: number, bytes: number): RingBuffer<number> {
  return closing(RingBuffer.open(core().duplicateFd(queue.fd), capacity, element(bytes)));
}

/** The queue's memory as words. */
function wordsOf({ fd }: RingBuffer<number>): Int32Array {
  return new Int32Array(core().mapShared(fd, 0, 1 << 20).buffer);
}

describe('a queue', () => {
  it.each([1, 2, 3, 16, 300])(
    'of %i elements holds as many, in order, time and again, and tells full and empty',
    (capacity) => {
      const queue = open(capacity);
      expect(queue.capacity).toBe(capacity);
      let next = 0;
      let expected = 0;
      for (let round = 0; round < 5; round++) {
        while (queue.push(next)) next++;
        expect([queue.length, queue.push(0)]).toEqual([capacity, false]);
        for (let i = 0; i < capacity - (round % 2); i++) expect(queue.pop()).toBe(expected++);
      }
      while (queue.length > 0) expect(queue.pop()).toBe(expected++);
      expect([queue.pop(), expected]).toEqual([undefined, next]);
    },
  );

  // The seed's elements of 1536 bytes crash at the second push, its index 300 comes out as 44.
  it.each([4, 9, 64, 1536])('of elements of %i bytes carries them both ways between two processes', async (bytes) => {
    const [capacity, count] = [7, 2000];
    const listener = closing(new FdListener());
    const options = JSON.stringify({ capacity, count, bytes });
    const peer = makeTapFolder().spawn('node', [PEER, 'queues', listener.name, options]);
    const [outwards, inwards] = [open(capacity, bytes), open(capacity, bytes)];
    const socket = closing(await listener.accept());
    await socket.sendFd(1, outwards.fd);
    await socket.sendFd(2, inwards.fd);
    const received: number[] = [];
    for (let sent = 0; received.length < count; ) {
      while (sent < count && outwards.push(sent)) sent++;
      const value = inwards.pop();
      if (value === undefined) await new Promise(setImmediate);
      else received.push(value);
    }
    expect(received).toEqual(Array.from({ length: count }, (_, i) => 2 * i));
    expect(JSON.parse((await peer.ended).stdout.toString())).toEqual({ left: 0 });
  });

  it('is the same bytes for everybody: words of 32 bits, little-endian, at fixed places', () => {
    const queue = open(3, 8);
    queue.push(0x01020304);
    queue.push(5);
    queue.pop();
    const words = wordsOf(queue);
    expect([...words.subarray(0, 4)]).toEqual([0x71746b70, 1, 8, 3]);
    expect([words[16], words[32], words[80 + 1], words[80 + 3]]).toEqual([2, 1, 0x01020304, 5]);
  });

  it.each([
    ['another capacity', 9, 4],
    ['another element', 8, 12],
  ])('is refused by who expects %s', (_, capacity, bytes) => {
    const queue = open(8);
    expect(() => again(queue, capacity, bytes)).toThrow(expect.objectContaining({ code: 'ERR_TAP_RING' }));
  });

  it('is refused where its memory could shrink, or is none of a queue', () => {
    const sealed = core().sealBytes(new Uint8Array(320 + 32));
    const shared = core().createShared(320 + 32);
    for (const fd of [sealed, shared.fd, 0]) {
      expect(() => RingBuffer.open(fd, 8, element(4))).toThrow(expect.objectContaining({ code: 'ERR_TAP_RING' }));
      if (fd > 0) core().closeFd(fd);
    }
    shared.unmap();
  });

  it.each([
    ['a tail past the head', 16, 9],
    ['a tail of nowhere', 16, 16],
    ['a negative tail', 16, -1],
    ['a head past the tail', 32, 3],
    ['a head of nowhere', 32, 1 << 30],
  ])('with %s is refused by both sides, which read and write nothing else', (_, word, value) => {
    const queue = open(8);
    const other = again(queue, 8, 4);
    wordsOf(queue)[word] = value;
    for (const side of [queue, other]) {
      expect(() => side.push(1)).toThrow(expect.objectContaining({ code: 'ERR_TAP_RING' }));
      expect(() => side.pop()).toThrow(expect.objectContaining({ code: 'ERR_TAP_RING' }));
    }
  });

  it.each([
    [0, 4],
    [1.5, 4],
    [2 ** 28, 8],
    [1, 0],
    [1, 2 ** 25],
  ])('has no %d elements of %d bytes', (capacity, bytes) => {
    expect(() => RingBuffer.create(capacity, element(bytes))).toThrow(RangeError);
  });

  it('leaves nothing open behind, and throws when it is used then', () => {
    const before = openFds();
    const queue = RingBuffer.create(4, element(4));
    queue.close();
    queue.close();
    expect(openFds()).toBe(before);
    expect(() => queue.push(1)).toThrow(TypeError);
  });
});
