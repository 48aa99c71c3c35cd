// Taps of packets that are made in JavaScript: iterables of all kinds, packets that are sent, and packets of another tap.

import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AttachOptions, attach } from '../../src/consumer/attach.js';
import type { Consumer } from '../../src/consumer/consumer.js';
import type { PacketLike } from '../../src/source/packet-like.js';
import type { Packets } from '../../src/source/pulled-packets.js';
import { type PublishOptions, Tap } from '../../src/tap/tap.js';
import { MIB } from '../support/numbered-packets.js';
import { openTap, range, testFolder } from '../support/taps.js';
import { until } from '../support/until.js';

/** A tap called `p`, with the smallest ring, and a way to attach to it. */
function publish(options: Partial<PublishOptions> = {}) {
  const directory = testFolder();
  const tap = Tap.publish({ name: 'p', directory, ringBytes: MIB, ...options });
  onTestFinished(() => tap.close());
  const attachHere = async (more: AttachOptions = {}) => {
    const consumer = await attach('p', { directory, ...more });
    onTestFinished(() => consumer.close());
    return consumer;
  };
  return { tap, attach: attachHere };
}

const packet = (number: number): PacketLike => ({ data: Uint8Array.of(number), tsNs: BigInt(number) });
const packets = (first: number, end: number) => range(first, end).map(packet);

async function timesOf(consumer: Consumer): Promise<number[]> {
  const times: number[] = [];
  for await (const batch of consumer) for (const each of batch) times.push(Number(each.tsNs));
  return times;
}

async function* slowly<T>(items: Iterable<T>): AsyncGenerator<T, void, void> {
  for (const item of items) {
    await setImmediate();
    yield item;
  }
}

describe('a tap of an iterable', () => {
  it.each<[string, () => Packets]>([
    ['an array', () => packets(0, 200)],
    ['a generator of packets and batches', () => [...packets(0, 70), packets(70, 199), packet(199)].values()],
    ['an async generator', () => slowly([packet(0), packets(1, 150), ...packets(150, 200)])],
    ['a Readable', () => Readable.from(packets(0, 200))],
  ])('publishes what %s gives, and ends with it', async (_, make) => {
    const { tap, attach } = publish({ packets: make(), description: 'a test' });
    const consumer = await attach();
    tap.start();
    expect(await timesOf(consumer)).toEqual(range(0, 200));
    expect([consumer.end?.reason, consumer.source, (await tap.ended).reason]).toEqual([
      'finished',
      'a test',
      'finished',
    ]);
  });

  it('asks for no more than a ring while a lossless consumer stands still', async () => {
    let asked = 0;
    const big = new Uint8Array(10_000);
    const source = (function* () {
      for (; asked < 1000; asked++) yield { data: big };
    })();
    const { tap, attach } = publish({ packets: source });
    const consumer = await attach();
    tap.start();
    await until(() => tap.stats().published > 90);
    for (let turns = 0; turns < 100; turns++) await setImmediate();
    expect(asked).toBeLessThan(250);
    expect(await timesOf(consumer)).toHaveLength(1000);
  });

  it('fails as the iterable does, after what came before', async () => {
    const source = (function* () {
      yield* packets(0, 3);
      throw new Error('the sensor is gone');
    })();
    const { tap, attach } = publish({ packets: source });
    const consumer = await attach();
    tap.start();
    await expect(timesOf(consumer)).rejects.toMatchObject({ code: 'ERR_TAP_SOURCE_FAILED' });
    expect(consumer.counters().delivered).toBe(3);
    const { reason, error } = await tap.ended;
    expect([reason, error?.code, error?.message]).toEqual([
      'failed',
      'ERR_TAP_SOURCE_FAILED',
      'published gives no more packets: the sensor is gone',
    ]);
  });

  it('stops at once while the iterable waits, and lets go of it', async () => {
    let wasLetGo = false;
    const never: AsyncIterable<PacketLike> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          wasLetGo = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const { tap } = publish({ packets: never });
    tap.start();
    await tap.close();
    expect([(await tap.ended).reason, wasLetGo]).toEqual(['stopped', true]);
  });

  it("publishes another tap's packets as they are: bytes, times, lengths, interfaces", async () => {
    const first = openTap({ packets: 500 });
    const relayed = await first.attach();
    const { tap, attach } = publish({ packets: relayed });
    const consumer = await attach();
    tap.start();
    first.tap.start();
    let next = 0;
    for await (const batch of consumer) {
      for (const each of batch) {
        expect([each.u8(99), each.origlen - each.caplen, each.truncated]).toEqual([
          (next + 99) & 255,
          next % 3,
          next % 3 > 0,
        ]);
        expect([each.interface.timestampSource, each.linktype]).toEqual(['savefile', 1]);
        next++;
      }
    }
    expect(next).toBe(500);
  });
});

describe('a tap that is sent to', () => {
  it('publishes what is sent, and ends when it is finished', async () => {
    const { tap, attach } = publish();
    const consumer = await attach();
    const beforeMs = Date.now();
    await tap.send([{ data: Uint8Array.of(1, 2), origlen: 60, linktype: 101, interface: { name: 'mqtt' } }]);
    const batch = await consumer.receivePackets(1);
    for (const each of batch!) {
      const { caplen, origlen, linktype, truncated } = each;
      expect({ caplen, origlen, linktype, truncated }).toEqual({
        caplen: 2,
        origlen: 60,
        linktype: 101,
        truncated: true,
      });
      expect([each.interface.name, each.interface.timestampSource]).toEqual(['mqtt', 'userspace']);
      expect(each.tsNs).toBeGreaterThanOrEqual(BigInt(beforeMs) * 1_000_000n);
    }
    await tap.finish();
    expect(await consumer.receivePackets(1)).toBeNull();
    expect(consumer.end?.reason).toBe('finished');
  });

  it('waits for room, in the order of the calls, until its signal aborts', async () => {
    const { tap, attach } = publish();
    const consumer = await attach();
    const big = (number: number) => [{ data: new Uint8Array(200_000), tsNs: BigInt(number) }];
    const stop = new AbortController();
    const sending = range(0, 8).map((number) => tap.send(big(number)));
    const given = expect(tap.send(big(99), { signal: stop.signal })).rejects.toThrow('enough');
    stop.abort(new Error('enough'));
    const reading = timesOf(consumer);
    await Promise.all([...sending, given]);
    await tap.finish();
    expect(await reading).toEqual(range(0, 8));
  });

  it('refuses what is no packet, with all of its array, and goes on', async () => {
    const { tap, attach } = publish();
    const consumer = await attach();
    const noData = { data: 'text' } as unknown as PacketLike;
    await expect(tap.send([packet(1), noData])).rejects.toThrow(TypeError);
    await expect(tap.send([packet(1), { data: new Uint8Array(262_145) }])).rejects.toThrow(RangeError);
    await tap.send([packet(2)]);
    await tap.finish();
    expect(await timesOf(consumer)).toEqual([2]);
  });

  it('takes nothing after its end, and nothing if its packets come from elsewhere', async () => {
    const { tap } = publish();
    tap.stop();
    await expect(tap.send([packet(1)])).rejects.toMatchObject({ code: 'ERR_TAP_CLOSED' });
    await expect(openTap().tap.send([packet(1)])).rejects.toThrow(TypeError);
  });

  it('copies before send() returns, so a packet object may be used again', async () => {
    const first = openTap({ packets: 300 });
    const relayed = await first.attach();
    const { tap, attach } = publish();
    const consumer = await attach();
    first.tap.start();
    for await (const batch of relayed) await tap.send(batch);
    await tap.finish();
    const seen: number[] = [];
    for await (const batch of consumer) for (const each of batch) seen.push(each.u8(99));
    expect(seen).toEqual(range(0, 300).map((number) => (number + 99) & 255));
  });
});
