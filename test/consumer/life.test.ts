// A consumer's life beyond one tap: it goes on where another one was, to the packet, and follows a tap through restarts. What
// it asks for to do so is believed only as far as it is true.

import { describe, expect, it } from 'vitest';
import { attach } from '../../src/consumer/attach.js';
import type { Consumer } from '../../src/consumer/consumer.js';
import { type FlowTapOptions, openFlowTap, readNow } from '../support/flow-taps.js';
import { makeTapFolder } from '../support/pkttap.js';
import { balanceOf, numberedSavefile, range, sequencesOf, testFolder } from '../support/taps.js';

const RUN_TAP = `${import.meta.dirname}/../programs/run-tap.js`;

/** A tap that publishes when it is told to. */
function openSteps(options: Partial<FlowTapOptions> = {}) {
  const opened = openFlowTap({ packets: 30_000, flows: 10, paused: true, ...options });
  opened.tap.start();
  return opened;
}

/** The only lane's part of a token. */
function placeOf(token: string) {
  const [generation, position, sequence] = token.split('.').map((hex) => BigInt(`0x${hex}`));
  return { generation: generation!, position: position!, sequence: sequence! };
}

function tokenOf(generation: bigint, position: bigint, sequence: bigint): string {
  return [generation, position, sequence].map((each) => each.toString(16)).join('.');
}

describe('a consumer that resumes', () => {
  it('goes on at the packet after the last that was handed out', async () => {
    const { attach, step } = openSteps();
    const first = await attach();
    await step(100);
    for await (const batch of first) {
      for (const packet of batch) if (packet.sequence === 29n) break;
      break;
    }
    first.close();
    await step(50);
    const second = await attach({ resume: first.resumeToken });
    expect(second.resumed).toBe(true);
    await step(50);
    expect(await readNow(second)).toEqual(range(30, 200));
    expect(balanceOf(second, 30)).toMatchObject({ delivered: 170, missed: 0, gaps: 0 });
  });

  it('begins with the batch again whose reader never came to its end', async () => {
    const { attach, step } = openSteps();
    const first = await attach();
    await step(100);
    expect([...(await first.receivePackets(10))!].length).toBe(10);
    await first.receivePackets(10);
    const second = await attach({ resume: first.resumeToken });
    expect(await readNow(second)).toEqual(range(10, 100));
  });

  it('has missed exactly what was overwritten meanwhile', async () => {
    const { tap, attach, step } = openSteps({ defaultPolicy: 'lossy' });
    const first = await attach();
    await step(40);
    expect(await readNow(first)).toEqual(range(0, 40));
    first.close();
    await step(29_000);
    const second = await attach({ resume: first.resumeToken });
    expect(second.resumed).toBe(true);
    const { missedBefore } = (await second.receivePackets(1))!;
    expect(missedBefore).toBeGreaterThan(10_000);
    const read = await readNow(second);
    expect(read).toEqual(range(40 + missedBefore, 29_040));
    expect(balanceOf(second, 40)).toMatchObject({ missed: missedBefore, gaps: 0 });
    expect(tap.stats().consumers).toMatchObject([{ missed: missedBefore, delivered: read.length, lag: 0 }]);
  });

  it('begins as one that is new where the tap is another, and is told', async () => {
    const { tap, attach, step, directory } = openSteps();
    const first = await attach();
    await step(10);
    first.close();
    await tap.close();
    const next = openSteps({ directory });
    await next.step(5);
    const second = await next.attach({ resume: first.resumeToken });
    expect(second.resumed).toBe(false);
    await next.step(5);
    expect(await readNow(second)).toEqual(range(5, 10));
    expect(second.counters()).toMatchObject({ gaps: 1, delivered: 5, missed: 0 });
  });

  it.each(['', 'x', '1.2', '1.2.3.4', '1.2.-3', '11111111111111111.0.0', `${'1.2.3-'.repeat(16)}1.2.3`])(
    'refuses %j, which is no token',
    async (resume) => {
      await expect(attach('t', { resume })).rejects.toThrow(RangeError);
    },
  );
});

describe('a place to resume at', () => {
  it('is one where a packet begins, with its sequence, and no other', async () => {
    const { attach, step } = openSteps();
    const honest = await attach();
    const { generation } = placeOf(honest.resumeToken);
    await step(4);
    const begins = new Map<bigint, bigint>([[0n, 0n]]);
    for (let i = 1n; i <= 4n; i++) {
      for (const _ of (await honest.receivePackets(1))!);
      expect(await honest.receivePackets(1, { maxWaitMs: 0 })).toBeDefined();
      begins.set(placeOf(honest.resumeToken).position, i);
    }
    const tail = placeOf(honest.resumeToken).position;
    for (let position = 0n; position <= tail + 16n; position += 4n) {
      for (const sequence of [0n, begins.get(position) ?? 1n, 2n ** 63n]) {
        const asked = attach({ resume: tokenOf(generation, position, sequence) });
        if (begins.get(position) === sequence) (await asked).close();
        else await expect(asked).rejects.toMatchObject({ code: 'ERR_TAP_REFUSED' });
      }
    }
    await step(10);
    expect(await readNow(honest)).toEqual(range(4, 14));
  });

  it('that was overwritten is believed only with a sequence that can have been there', async () => {
    const { attach, step } = openSteps({ defaultPolicy: 'lossy' });
    const honest = await attach();
    const { generation } = placeOf(honest.resumeToken);
    await step(29_000);
    for (const sequence of [29_000n, 30_000n, 2n ** 64n - 1n])
      await expect(attach({ resume: tokenOf(generation, 8n, sequence) })).rejects.toMatchObject({
        code: 'ERR_TAP_REFUSED',
      });
    const liar = await attach({ resume: tokenOf(generation, 8n, 3n) });
    const read = await readNow(liar);
    expect(read).toEqual(range(read[0]!, 29_000));
    expect(liar.counters()).toMatchObject({ delivered: read.length, missed: read[0]! - 3 });
  });
});

describe('a consumer that reconnects', () => {
  it('follows a tap that is stopped and started again, from the first packet of the new one', async () => {
    const { tap, attach, step, directory } = openSteps();
    const consumer = await attach({ reconnect: true, maxWaitMs: 5 });
    await step(10);
    expect(await readNow(consumer)).toEqual(range(0, 10));
    await tap.close();
    expect([...(await consumer.receivePackets(1))!]).toEqual([]);
    const next = openSteps({ directory });
    await next.step(7);
    const again = await readAfterGap(consumer, 1);
    expect(again).toEqual(range(0, 7));
    expect(consumer.counters()).toMatchObject({ delivered: 17, missed: 0, lag: 0, gaps: 1, source: { published: 7 } });
    expect(consumer.end).toBeUndefined();
  });

  it('follows a tap that is killed, and ends with one whose source has come to its end', async () => {
    const folder = makeTapFolder();
    const file = numberedSavefile(100, testFolder());
    const killed = folder.spawn('node', [RUN_TAP, 't', file, JSON.stringify({ waitFor: 99 })]);
    await killed.printed('open');
    const consumer = await attach('t', { directory: folder.taps, reconnect: true });
    const reading = sequencesOf(consumer);
    killed.signal('SIGKILL');
    await killed.ended;
    const next = folder.spawn('node', [RUN_TAP, 't', file, JSON.stringify({ waitFor: 1 })]);
    expect(await reading).toEqual(range(0, 100));
    expect(consumer.end).toEqual({ reason: 'finished' });
    expect(consumer.counters()).toMatchObject({ gaps: 1, delivered: 100 });
    consumer.close();
    next.stdin.end();
    await next.ended;
  });

  it('can be closed, or aborted, while there is no tap', async () => {
    const { tap, attach, step } = openSteps();
    const abort = new AbortController();
    const closed = await attach({ reconnect: true });
    const aborted = await attach({ reconnect: true, signal: abort.signal });
    await step(1);
    await tap.close();
    const reading = sequencesOf(closed);
    const readingToo = sequencesOf(aborted);
    await new Promise((resolve) => setImmediate(resolve));
    closed.close();
    abort.abort(new Error('enough'));
    expect(await reading).toEqual([0]);
    expect(closed.end).toEqual({ reason: 'detached' });
    await expect(readingToo).rejects.toThrow('enough');
  });
});

/** Waits for a tap to come back, and reads what it has published. */
async function readAfterGap(consumer: Consumer, gaps: number): Promise<number[]> {
  const sequences: number[] = [];
  while (consumer.counters().gaps < gaps || consumer.counters().lag > 0)
    for (const packet of (await consumer.receivePackets(Number.MAX_SAFE_INTEGER))!)
      sequences.push(Number(packet.sequence));
  return sequences;
}
