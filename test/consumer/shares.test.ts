// Shares of a tap: each packet has exactly one reader, both directions of a flow the same, whoever joins and leaves; and what
// a member leaves unread is counted.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Consumer } from '../../src/consumer/consumer.js';
import { core } from '../../src/native/core.js';
import { ReplaySource } from '../../src/source/replay.js';
import { expectedFlowHash } from '../support/flow-hash.js';
import { flowFrame } from '../support/flow-packets.js';
import { openFlowTap, readNow } from '../support/flow-taps.js';
import { openTap, range, sequencesOf } from '../support/taps.js';
import { savefileOf } from '../support/udp-savefile.js';
import { until } from '../support/until.js';
import { wrappedFlows } from '../support/wrapped-flows.js';

const FLOWS = 500;

/** By docs/layout.md. */
function shareHash(sequence: number): number {
  const hash = expectedFlowHash(flowFrame({ flow: sequence % FLOWS, number: 0 }), 1);
  return Math.imul(hash, 0x9e3779b1) >>> 0;
}

function sorted(sequences: readonly number[]): number[] {
  return [...sequences].sort((a, b) => a - b);
}

/** What these consumers read now, each by itself. */
async function readAllNow(consumers: readonly Consumer[]): Promise<number[][]> {
  const read: number[][] = [];
  for (const consumer of consumers) read.push(await readNow(consumer));
  return read;
}

/** The index of the one that has read a packet of each flow. */
function ownersOf(read: readonly (readonly number[])[]): Map<number, number> {
  return new Map(read.flatMap((sequences, i) => sequences.map((sequence) => [sequence % FLOWS, i] as const)));
}

describe('fixed shares', () => {
  it('have each packet once, and each flow, there and back, in the share that its hash says', async () => {
    const { tap, attach } = openFlowTap({ packets: 2 * FLOWS, flows: FLOWS });
    const of = 3;
    const consumers = await Promise.all([1, 2, 3].map((index) => attach({ share: { index, of } })));
    tap.start();
    const read = await Promise.all(consumers.map(sequencesOf));
    expect(sorted(read.flat())).toEqual(range(0, 2 * FLOWS));
    for (const [i, sequences] of read.entries()) {
      expect(sequences.length).toBeGreaterThan(FLOWS / 3);
      expect(sequences.map((sequence) => Math.floor((shareHash(sequence) * of) / 2 ** 32))).toEqual(
        sequences.map(() => i),
      );
      expect(consumers[i]!.counters()).toMatchObject({ delivered: sequences.length, missed: 0, lag: 0 });
    }
  });

  it('give the first what is not IP', async () => {
    const { tap, attach } = openTap({ packets: 100 });
    const [first, second] = [
      await attach({ share: { index: 1, of: 2 } }),
      await attach({ share: { index: 2, of: 2 } }),
    ];
    tap.start();
    expect(await sequencesOf(first)).toEqual(range(0, 100));
    expect(await sequencesOf(second)).toEqual([]);
  });

  it('all have what does not tell its flow, if they want to, and the rest once', async () => {
    const frames = wrappedFlows(20);
    const paths = [savefileOf(frames.map(({ frame }) => frame))];
    const { tap, attach } = openTap({ source: new ReplaySource(paths, { pace: { kind: 'topspeed' } }) });
    const of = 3;
    const consumers = await Promise.all([1, 2, 3].map((index) => attach({ share: { index, of, common: true } })));
    tap.start();
    const read = (await Promise.all(consumers.map(sequencesOf))).flat();
    const expected = frames.flatMap(({ isPlain }, sequence) => Array<number>(isPlain ? 1 : of).fill(sequence));
    expect(sorted(read)).toEqual(expected);
  });

  it('are sampled after they are chosen', async () => {
    const { tap, attach } = openFlowTap({ packets: 2 * FLOWS, flows: FLOWS });
    const share = { index: 1, of: 2 };
    const [all, some] = [await attach({ share }), await attach({ share, sample: 10 })];
    tap.start();
    const sequences = await sequencesOf(all);
    expect(await sequencesOf(some)).toEqual(sequences.filter((_, i) => i % 10 === 9));
  });

  it.each([{ index: 0, of: 2 }, { index: 3, of: 2 }, { index: 1.5, of: 2 }, { index: 1, of: 0 }, 'a/b', ''])(
    'refuses %j',
    async (share) => {
      const { attach } = openTap();
      await expect(attach({ share })).rejects.toThrow(RangeError);
    },
  );
});

describe('a share group', () => {
  it('gives everything to its only member, from the oldest packet on if that is where it begins', async () => {
    const { tap, attach, step } = openFlowTap({ packets: 300, flows: FLOWS, paused: true });
    tap.start();
    await step(100);
    const only = await attach({ share: 'g', start: 'oldest' });
    await step(100);
    expect(await readNow(only)).toEqual(range(0, 200));
    expect(only.counters()).toMatchObject({ group: { members: 1, handedOver: 0, unknown: 0 } });
  });

  it('moves few flows, and only between those that it must, when members join and leave', async () => {
    const { tap, attach, step } = openFlowTap({ packets: 8 * FLOWS, flows: FLOWS, paused: true });
    tap.start();
    const members = [await attach({ share: 'g' })];
    for (let count = 2; count <= 4; count++) {
      await step(FLOWS);
      const before = ownersOf(await readAllNow(members));
      members.push(await attach({ share: 'g' }));
      await step(FLOWS);
      const after = ownersOf(await readAllNow(members));
      expect(after.size).toBe(FLOWS);
      const moved = [...after].filter(([flow, owner]) => before.get(flow) !== owner);
      expect(moved.map(([, owner]) => owner)).toEqual(moved.map(() => count - 1));
      expect(moved.length / FLOWS).toBeGreaterThan(0.7 / count);
      expect(moved.length / FLOWS).toBeLessThan(1.3 / count);
    }
    const before = ownersOf(await stepAndRead(step, members));
    members[1]!.close();
    await until(() => tap.stats().consumers.length === 3);
    const left = [members[0]!, members[2]!, members[3]!];
    const after = ownersOf(await stepAndRead(step, left));
    const same = [...before].filter(([, owner]) => owner !== 1);
    const places = [0, 2, 3];
    expect(same.map(([flow]) => places[after.get(flow)!])).toEqual(same.map(([, owner]) => owner));
    expect(tap.stats()).toMatchObject({ handedOver: 0, handOverUnknown: 0 });
  });

  it('agrees about each packet, however late its members look', async () => {
    const { tap, attach, step } = openFlowTap({ packets: 3000, flows: FLOWS, paused: true });
    tap.start();
    const lagging = await attach({ share: 'g' });
    await step(700);
    const second = await attach({ share: 'g' });
    await step(801);
    const third = await attach({ share: 'g' });
    await step(499);
    const gone = await attach({ share: 'g' });
    await step(600);
    const readByGone = await readNow(gone);
    gone.close();
    await until(() => tap.stats().consumers.length === 3);
    await step(400);
    const read = await readAllNow([third, second, lagging]);
    expect(sorted([...read.flat(), ...readByGone])).toEqual(range(0, 3000));
  });

  it('agrees about packets that are walked once more, after a loop was left early', async () => {
    const { tap, attach, step } = openFlowTap({ packets: 60, flows: FLOWS, paused: true });
    tap.start();
    const members = [await attach({ share: 'g' })];
    for (let i = 0; i < 3; i++) {
      await step(20);
      if (i < 2) members.push(await attach({ share: 'g' }));
    }
    const sequences: number[] = [];
    for (const member of members) {
      while (member.counters().lag > 0) {
        const batch = await member.receivePackets(Number.MAX_SAFE_INTEGER, { maxWaitMs: 0 });
        for (const packet of batch ?? []) {
          sequences.push(Number(packet.sequence));
          break;
        }
        if (batch !== null && sequences.length > 60) break;
      }
    }
    expect(sorted(sequences)).toEqual(range(0, 60));
  });

  it('counts what a member leaves unread, to the packet, and says so to all', async () => {
    const { tap, attach, step } = openFlowTap({ packets: 2000, flows: FLOWS, paused: true });
    tap.start();
    const [stays, leaves] = [await attach({ share: 'g' }), await attach({ share: 'g' })];
    await step(500);
    const readBefore = await readNow(leaves);
    await step(1000);
    leaves.close();
    await until(() => tap.stats().consumers.length === 1);
    await step(500);
    const read = await readNow(stays);
    const lost = 2000 - read.length - readBefore.length;
    expect(lost).toBeGreaterThan(300);
    expect(tap.stats()).toMatchObject({ handedOver: lost, handOverUnknown: 0, consumers: [{ share: 'g' }] });
    expect(stays.counters().group).toEqual({ members: 1, handedOver: lost, unknown: 0 });
  });

  it('gives the others the flows of one that leaves, which reads what was its own before and leaves nothing unread', async () => {
    const { tap, attach, step } = openFlowTap({ packets: 3000, flows: FLOWS, paused: true });
    tap.start();
    const [stays, leaves] = [await attach({ share: 'g' }), await attach({ share: 'g' })];
    await step(1000);
    const read: number[] = [];
    for (const { sequence } of (await leaves.receivePackets(100))!) read.push(Number(sequence));
    leaves.leave();
    await until(() => stays.counters().group!.members === 1);
    await step(1000);
    read.push(...(await sequencesOf(leaves)));
    expect(leaves.end).toEqual({ reason: 'detached' });
    await until(() => tap.stats().consumers.length === 1);
    expect(Math.max(...read)).toBeLessThan(1000);
    // Who comes next gets flows as if the other had gone at once.
    const comes = await attach({ share: 'g' });
    await step(1000);
    const others = [await readNow(stays), await readNow(comes)];
    expect(sorted([...read, ...others.flat()])).toEqual(range(0, 3000));
    expect(tap.stats()).toMatchObject({ handedOver: 0, handOverUnknown: 0 });
  });

  it('ends at once for one that leaves and is in no group, or has nothing to read', async () => {
    const { tap, attach } = openFlowTap({ packets: 1, flows: 1, paused: true });
    const [alone, member] = [await attach(), await attach({ share: 'g' })];
    for (const consumer of [alone, member]) {
      const reading = sequencesOf(consumer);
      consumer.leave();
      consumer.leave();
      expect(await reading).toEqual([]);
      expect(consumer.end).toEqual({ reason: 'detached' });
    }
    await until(() => tap.stats().consumers.length === 0);
  });

  it('says of what was overwritten before a lapped member left that nobody knows whose it was', async () => {
    const { tap, attach, step } = openFlowTap({ packets: 30_000, flows: FLOWS, paused: true, defaultPolicy: 'lossy' });
    tap.start();
    const [stays, leaves] = [await attach({ share: 'g' }), await attach({ share: 'g' })];
    await step(100);
    const readBefore = await readNow(leaves);
    const readFirst = await readNow(stays);
    expect(sorted([...readBefore, ...readFirst])).toEqual(range(0, 100));
    await step(29_900);
    leaves.close();
    await until(() => tap.stats().consumers.length === 1);
    const { handedOver, handOverUnknown } = tap.stats();
    const read = await readNow(stays);
    const { missed } = stays.counters();
    // Of what is still there, each packet is either read or handed over; the rest both have missed.
    expect(handOverUnknown).toBeGreaterThan(10_000);
    expect(missed).toBeGreaterThanOrEqual(handOverUnknown);
    expect(handedOver).toBeGreaterThan((30_000 - handOverUnknown - 100) * 0.4);
    expect(handedOver + read.length).toBeLessThanOrEqual(29_900 - handOverUnknown);
  });

  it('is nothing to others: groups of other names and consumers without one read all by themselves', async () => {
    const { tap, attach } = openFlowTap({ packets: FLOWS, flows: FLOWS });
    const consumers = [await attach({ share: 'a' }), await attach({ share: 'b' }), await attach()];
    tap.start();
    for (const consumer of consumers) expect(await sequencesOf(consumer)).toEqual(range(0, FLOWS));
  });

  it('takes 32 members, and refuses more', async () => {
    const { tap, attach } = openFlowTap({ packets: FLOWS, flows: FLOWS });
    const members: Consumer[] = [];
    for (let i = 0; i < 32; i++) members.push(await attach({ share: 'g' }));
    await expect(attach({ share: 'g' })).rejects.toMatchObject({ code: 'ERR_TAP_REFUSED' });
    tap.start();
    expect(sorted((await Promise.all(members.map(sequencesOf))).flat())).toEqual(range(0, FLOWS));
  });

  it('refuses who joins while a member is far behind, but lets everybody leave', async () => {
    const { tap, attach, step } = openFlowTap({ packets: 400, flows: FLOWS, paused: true });
    tap.start();
    const lagging = await attach({ share: 'g' });
    const others: number[] = [];
    let refused = 0;
    for (let i = 0; i < 100; i++) {
      await step(1);
      const other = await attach({ share: 'g' }).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'ERR_TAP_REFUSED' });
        refused++;
      });
      await step(1);
      if (other === undefined) continue;
      others.push(...(await readNow(other)));
      other.close();
      await until(() => tap.stats().consumers.length === 1);
    }
    expect(refused).toBeGreaterThan(0);
    expect(sorted([...others, ...(await readNow(lagging))])).toEqual(range(0, 200));
    const late = await attach({ share: 'g' });
    await step(200);
    expect(sorted([...(await readNow(late)), ...(await readNow(lagging))])).toEqual(range(200, 400));
  });

  it('leaves neither descriptors nor memory behind', async () => {
    const { attach } = openFlowTap({ packets: 1, flows: 1 });
    const count = () => [
      readdirSync('/proc/self/fd').length,
      readFileSync('/proc/self/maps', 'utf8').split('pkttap-shares').length,
    ];
    const joinAndLeave = async () => {
      const [one, other] = [await attach({ share: 'g' }), await attach({ share: 'g' })];
      for (const member of [one, other]) member.close();
    };
    await joinAndLeave();
    const before = count();
    for (let i = 0; i < 20; i++) await joinAndLeave();
    await until(() => count().every((each, i) => each <= before[i]!));
  });
});

describe('memory of a share group', () => {
  it('is refused when it is anything else', () => {
    const cursor = core().createShared(4096);
    expect(() => core().mapShares(cursor.fd)).toThrow(/not sealed/);
    core().closeFd(cursor.fd);
    cursor.unmap();
  });
});

async function stepAndRead(
  step: (packets: number) => Promise<void>,
  members: readonly Consumer[],
): Promise<number[][]> {
  await step(FLOWS);
  return await readAllNow(members);
}
