// Random interleavings of writing, publishing, taking and walking, against a model that keeps every packet: what a reader
// hands out, calls intact, and counts, is what the model says.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commentOptions } from '../../src/packet/options.js';
import { recordBytes } from '../../src/packet/record.js';
import { Cursor } from '../../src/ring/cursor.js';
import type { RingBatch } from '../../src/ring/packet-batch.js';
import { RingMemory } from '../../src/ring/ring-memory.js';
import { RingReader } from '../../src/ring/ring-reader.js';
import { RingWriter } from '../../src/ring/ring-writer.js';
import { MIB, numberedPacket, told } from '../support/numbered-packets.js';
import { type FedPacket, makeCursorBuffer } from '../support/ring-feed.js';

const CAPACITY = BigInt(MIB);

type Step =
  | { readonly do: 'write'; readonly count: number; readonly caplen: number }
  | { readonly do: 'publish' }
  | { readonly do: 'take'; readonly max: number }
  | { readonly do: 'walk'; readonly count: number };

const caplens = fc.oneof(
  { weight: 6, arbitrary: fc.nat(1600) },
  { weight: 2, arbitrary: fc.integer({ min: 10_000, max: 70_000 }) },
  { weight: 1, arbitrary: fc.constant(262_144) },
);

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('write' as const), count: fc.integer({ min: 1, max: 200 }), caplen: caplens }),
  fc.record({ do: fc.constant('publish' as const) }),
  fc.record({
    do: fc.constant('take' as const),
    max: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(2 ** 40)),
  }),
  fc.record({ do: fc.constant('walk' as const), count: fc.integer({ min: 1, max: 200 }) }),
);

/** Every seventh has a comment. */
function commented(number: number, caplen: number): FedPacket {
  const packet = numberedPacket(number, caplen);
  return number % 7 === 0 ? { ...packet, comments: ['c'.repeat(number % 100)] } : packet;
}

/** A writer and a reader, and beside them everything that was written. */
class Model {
  readonly #writer: RingWriter;
  readonly #memory: RingMemory;
  readonly #reader: RingReader;
  readonly #firstSequence: bigint;
  /** Where each packet lies and how long it is. */
  readonly #packets: { readonly position: bigint; readonly caplen: number }[] = [];
  #position: bigint;
  #batch: RingBatch | undefined;
  /** Number of the next packet to be handed out, counted from 0. */
  #next = 0;
  #delivered = 0;

  constructor(firstPosition: bigint, firstSequence: bigint) {
    this.#writer = new RingWriter({ capacity: MIB, firstPosition, firstSequence });
    this.#writer.addInterface({ linktype: 1, snaplen: 0, section: 0, timestampSource: 'savefile' });
    this.#memory = new RingMemory(this.#writer.buffer);
    this.#position = firstPosition;
    this.#firstSequence = firstSequence;
    const start = { position: firstPosition, sequence: firstSequence };
    this.#reader = new RingReader(this.#memory, new Cursor(makeCursorBuffer()), start);
  }

  run(step: Step): void {
    if (step.do === 'write') for (let i = 0; i < step.count; i++) this.#write(step.caplen);
    else if (step.do === 'publish') this.#writer.publish();
    else if (step.do === 'take') this.#take(step.max);
    else for (let i = 0; i < step.count && this.#walk(); i++);
  }

  /** Reads what is left, after which nothing may be missing from the counts. */
  finish(): void {
    this.#writer.publish();
    do this.#take(2 ** 40);
    while (this.#walkAll());
    expect(this.#reader.counters().lag).toBe(0);
    expect(this.#next).toBe(this.#packets.length);
  }

  #write(caplen: number): void {
    const packet = commented(this.#packets.length, caplen);
    this.#writer.write(packet);
    this.#packets.push({ position: this.#position, caplen });
    this.#position += BigInt(recordBytes(caplen, commentOptions(packet.comments ?? []).length));
  }

  #take(max: number): void {
    const isLapped = this.#next < this.#packets.length && !this.#isIntact(this.#next);
    this.#batch = this.#reader.take(max);
    const missed = this.#batch?.missedBefore ?? 0;
    if (missed > 0) expect(isLapped).toBe(true);
    this.#next += missed;
    const { published } = this.#memory.counters();
    const counters = this.#reader.counters();
    expect(counters.delivered).toBe(this.#delivered);
    expect(counters.missed).toBe(this.#next - this.#delivered);
    expect(counters.lag).toBe(published - this.#next);
    if (this.#batch === undefined) expect(published).toBe(this.#next);
  }

  #walkAll(): boolean {
    while (this.#walk());
    return this.#batch !== undefined;
  }

  #walk(): boolean {
    const packet = this.#batch?.next().value;
    if (packet === undefined) return false;
    const number = this.#next++;
    this.#delivered++;
    const isIntact = packet.isIntact();
    expect(isIntact).toBe(this.#isIntact(number));
    if (isIntact) {
      expect(packet.sequence).toBe(this.#firstSequence + BigInt(number));
      expect(told(packet)).toBe(told(commented(number, this.#packets[number]!.caplen)));
    }
    return true;
  }

  #isIntact(number: number): boolean {
    return this.#packets[number]!.position + CAPACITY >= this.#memory.tailIntent;
  }
}

const starts = fc.record({
  position: fc.constantFrom(0n, 8n, 2n ** 32n - 4096n, 2n ** 53n - 65_536n, 2n ** 62n + 24n),
  sequence: fc.constantFrom(0n, 2n ** 32n - 20n, 2n ** 53n - 20n),
});

describe('a ring', () => {
  it('behaves as its model, whatever its writer and reader do in turn', () => {
    fc.assert(
      fc.property(starts, fc.array(steps, { maxLength: 40 }), ({ position, sequence }, script) => {
        const model = new Model(position, sequence);
        for (const step of script) model.run(step);
        model.finish();
      }),
      { numRuns: 100, seed: 20_261_121 },
    );
  });
});
