// A consumer's packets as Node's and the web's streams: copies, in order, with the consumer's own end and errors.

import { describe, expect, it } from 'vitest';
import type { PacketView } from '../../src/packet/packet-view.js';
import { openTap, range } from '../support/taps.js';

const PACKETS = 1000;

/** A tap of numbered packets that has ended, and a consumer that has read none of them. */
async function unread() {
  const { tap, attach } = openTap({ packets: PACKETS });
  const consumer = await attach();
  tap.start();
  await tap.ended;
  return { tap, consumer };
}

async function collect(packets: AsyncIterable<PacketView>): Promise<PacketView[]> {
  const all: PacketView[] = [];
  for await (const packet of packets) all.push(packet);
  return all;
}

describe.each(['readable', 'stream'] as const)('%s()', (kind) => {
  it('gives every packet as a copy that outlives the consumer, and then ends', async () => {
    const { consumer } = await unread();
    const packets: PacketView[] = await collect(consumer[kind]());
    expect(packets.map(({ sequence }) => Number(sequence))).toEqual(range(0, PACKETS));
    expect(packets.every((packet, i) => packet.u8(99) === ((i + 99) & 255))).toBe(true);
    expect([consumer.end?.reason, consumer.counters().delivered]).toEqual(['finished', PACKETS]);
  });

  it('takes no more than it keeps ready, and closes the consumer when it is left', async () => {
    const { consumer, tap } = await unread();
    for await (const packet of consumer[kind]({ highWaterMark: 10 })) {
      expect(packet.sequence).toBe(0n);
      break;
    }
    expect(consumer.counters().delivered).toBeLessThanOrEqual(30);
    await tap.drained();
    expect(tap.stats().consumers).toEqual([]);
  });

  it('ends when the consumer is closed', async () => {
    const { attach, tap } = openTap();
    const consumer = await attach();
    const reading = collect(consumer[kind]());
    consumer.close();
    expect(await reading).toEqual([]);
    expect(consumer.end?.reason).toBe('detached');
    tap.stop();
  });
});

describe('a stream of packets', () => {
  it("of Node's kind is destroyed by its signal, with the reason as the cause", async () => {
    const { attach } = openTap();
    const stop = new AbortController();
    const reading = collect((await attach()).readable({ signal: stop.signal }));
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toMatchObject({ name: 'AbortError', cause: new Error('enough') });
  });

  it("of the web's kind fails with its signal's reason", async () => {
    const { attach } = openTap();
    const stop = new AbortController();
    const reading = collect((await attach()).stream({ signal: stop.signal }));
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });

  it.each(['readable', 'stream'] as const)('of either kind fails as the iteration does: %s', async (kind) => {
    const { tap, attach } = openTap({ replay: { filter: 'no such filter' } });
    const reading: Promise<PacketView[]> = collect((await attach())[kind]());
    tap.start();
    await expect(reading).rejects.toMatchObject({ code: 'ERR_TAP_SOURCE_FAILED' });
  });
});
