// Shares of consumers in C: the same packets as those of consumers in TypeScript, beside which they may be in one group; and a
// group's memory is believed no more than anything else that is a tap's.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileProgram } from '../support/c-compiler.js';
import { consume, reportOf } from '../support/c-consumer.js';
import { openFlowTap, readNow } from '../support/flow-taps.js';
import { EPOCHS, ForgedShares, NEVER, neverBegun } from '../support/forged-shares.js';
import { run } from '../support/run.js';
import { openTap, RINGFUL, sequencesOf } from '../support/taps.js';
import { until } from '../support/until.js';

const FLOWS = 500;
const ME = 7;

let folder: string;
let program: string;
let asking: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pkttap-c-'));
  program = await compileProgram('consume.c', folder);
  asking = await compileProgram('ask-group.c', folder, ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover']);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A group of two, a TypeScript consumer that reads nothing yet and one in C that holds its first packet of 1000. */
async function openHeld({ packets }: { packets: number }) {
  const { tap, directory, attach, step } = openFlowTap({ packets, flows: FLOWS, paused: true });
  tap.start();
  const other = await attach({ share: 'g' });
  const inC = consume(program, directory, 't', 'lossless', 'now', '1', 'g');
  await inC.printed('attached');
  await step(1000);
  await inC.printed('holding');
  return { tap, step, other, inC };
}

describe('consumers in C', () => {
  it('have fixed shares of the flows, the same as others have', async () => {
    const packets = 2 * FLOWS;
    const { tap, directory, attach } = openFlowTap({ packets, flows: FLOWS });
    const inC = ['1/3', '2/3', '3/3'].map((share) => consume(program, directory, 't', 'lossless', 'now', '0', share));
    for (const each of inC) await each.printed('attached');
    const others = await Promise.all([1, 2, 3].map((index) => attach({ share: { index, of: 3 } })));
    tap.start();
    for (const [i, other] of others.entries()) {
      const sequences = await sequencesOf(other);
      const report = await reportOf(inC[i]!);
      expect(report).toMatchObject({
        packets: sequences.length,
        filtered: packets - sequences.length,
        missed: 0,
        lag: 0,
      });
      expect([report.first, report.end]).toEqual([sequences[0], 'finished']);
    }
  });

  it('are members of groups, and get the flows of others that leave', async () => {
    const { tap, directory, attach, step } = openFlowTap({ packets: 2000, flows: FLOWS, paused: true });
    tap.start();
    const inC = consume(program, directory, 't', 'lossless', 'now', '0', 'g');
    await inC.printed('attached');
    const other = await attach({ share: 'g' });
    await step(1000);
    other.leave();
    const read = await sequencesOf(other);
    await until(() => tap.stats().consumers.length === 1);
    await step(1000);
    const report = await reportOf(inC);
    expect(read.length).toBeGreaterThan(300);
    expect(report).toMatchObject({
      packets: 2000 - read.length,
      filtered: read.length,
      missed: 0,
      lag: 0,
      end: 'finished',
    });
    expect(report.leaked).toBe(0);
    expect(tap.stats()).toMatchObject({ handedOver: 0, handOverUnknown: 0 });
  });

  it('leave groups once they have read what was theirs, and others get their flows', async () => {
    const { tap, step, other, inC } = await openHeld({ packets: 2000 });
    inC.stdin.write('leave\n');
    const report = await reportOf(inC);
    await until(() => tap.stats().consumers.length === 1);
    await step(1000);
    const read = await sequencesOf(other);
    expect(report).toMatchObject({ end: 'left', missed: 0, leaked: 0, code: '' });
    expect(report.packets).toBeGreaterThan(300);
    expect(report.packets + read.length).toBe(2000);
    expect(tap.stats()).toMatchObject({ handedOver: 0, handOverUnknown: 0 });
  });

  it('that are in no group end at once when they leave', async () => {
    const { directory, attach, step, tap } = openFlowTap({ packets: 1000, flows: FLOWS, paused: true });
    tap.start();
    const inC = consume(program, directory, 't', 'lossless', 'now', '1');
    await inC.printed('attached');
    const other = await attach();
    await step(1000);
    await inC.printed('holding');
    inC.stdin.write('leave\n');
    expect(await reportOf(inC)).toMatchObject({ end: 'left', packets: 1, lag: 999, code: '' });
    expect((await sequencesOf(other)).length).toBe(1000);
  });

  it('that leave a group without having read what was theirs have it counted, to the packet', async () => {
    const { tap, other, inC } = await openHeld({ packets: 1000 });
    inC.signal('SIGKILL');
    await inC.ended;
    await until(() => tap.stats().consumers.length === 1);
    const read = await readNow(other);
    expect(tap.stats()).toMatchObject({ handedOver: 1000 - read.length, handOverUnknown: 0 });
  });

  it('hold up no tap by packets that are not theirs', async () => {
    const { tap, directory } = openTap({ packets: 3 * RINGFUL, defaultPolicy: 'lossless' });
    const inC = consume(program, directory, 't', 'lossless', 'now', '0', '2/2');
    await inC.printed('attached');
    tap.start();
    await tap.ended;
    // What is not IP is all in the first share.
    expect(await reportOf(inC)).toMatchObject({
      packets: 0,
      filtered: 3 * RINGFUL,
      missed: 0,
      lag: 0,
      policy: 'lossless',
    });
  });

  it.each([
    ['0/2', 'not a share: 0 of 2'],
    ['3/2', 'not a share: 3 of 2'],
    ['1/65536', 'not a share: 1 of 65536'],
    ['a b', 'not a name for a share group: a b'],
  ])('are told that this is no share: %s', async (share, message) => {
    const { directory } = openTap();
    const report = await reportOf(consume(program, directory, 't', 'lossy', 'now', '0', share));
    expect(report).toMatchObject({ code: 'ERR_TAP_PROTOCOL', message, end: 'none' });
  });
});

interface Question {
  readonly joined: number;
  readonly sequence: bigint;
}

/** What C makes of a group's memory, for member ME: 1 ours, 0 another's, -1 can't be known. */
async function ask({ shares }: ForgedShares, questions: readonly Question[]): Promise<number[]> {
  const asked = questions.map(({ joined, sequence }) => {
    const bytes = Buffer.alloc(24);
    bytes.writeBigUInt64LE(BigInt(joined), 0);
    bytes.writeBigUInt64LE(sequence, 8);
    bytes.writeUInt32LE(ME, 16);
    bytes.writeUInt32LE(Number(sequence & 0xffn) << 23, 20);
    return bytes;
  });
  const { stdout, stderr, status } = await run(asking, [], { input: Buffer.concat([Buffer.from(shares), ...asked]) });
  expect([stderr, status]).toEqual(['', 0]);
  return stdout.toString().trim().split('\n').map(Number);
}

describe("a share group's memory, in C", () => {
  it('says whose packets are, epoch by epoch', async () => {
    const shares = new ForgedShares();
    shares.newest(3n);
    shares.epoch(1, 1n, 0n, ME);
    shares.epoch(2, 2n, 30n, 8);
    shares.epoch(3, 3n, 90n, ME);
    const sequences = [0n, 29n, 30n, 89n, 90n, NEVER];
    expect(
      await ask(
        shares,
        sequences.map((sequence) => ({ joined: 1, sequence })),
      ),
    ).toEqual([1, 1, 0, 0, 1, 1]);
    expect(await ask(shares, [{ joined: 3, sequence: 29n }])).toEqual([0]);
  });

  it('that lies gives no answer, and comes to an end', async () => {
    const shares = new ForgedShares();
    neverBegun(shares, ME);
    expect(
      await ask(shares, [
        { joined: 0, sequence: 5n },
        { joined: 1, sequence: 5n },
      ]),
    ).toEqual([-1, -1]);
    shares.newest(2n ** 64n - 1n);
    expect(await ask(shares, [{ joined: 0, sequence: 5n }])).toEqual([-1]);
    for (let at = 0; at < EPOCHS; at++) shares.epoch(at, 2n ** 64n - 64n + BigInt(at), NEVER, ME);
    expect(await ask(shares, [{ joined: 0, sequence: 5n }])).toEqual([-1]);
  });
});
