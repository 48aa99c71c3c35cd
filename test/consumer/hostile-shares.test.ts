// A share group's memory by a hostile tap: whatever its epochs say, a member throws RingError or reads packets of the ring,
// and never hangs, crashes or reads outside of its memory.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Selection } from '../../src/consumer/selection.js';
import { RingError } from '../../src/errors.js';
import type { PacketView } from '../../src/packet/packet-view.js';
import { Cursor } from '../../src/ring/cursor.js';
import { RingMemory } from '../../src/ring/ring-memory.js';
import { RingReader } from '../../src/ring/ring-reader.js';
import { RingWriter } from '../../src/ring/ring-writer.js';
import { EPOCHS, ForgedShares, NEVER, neverBegun } from '../support/forged-shares.js';
import { MIB, numbered, readAll } from '../support/numbered-packets.js';
import { makeCursorBuffer } from '../support/ring-feed.js';

const PACKETS = 100;
const ME = 7;

/** What a member reads, which joined with this epoch, of a ring with packets. */
function readAs(member: number, joined: number, { shares }: ForgedShares): PacketView[] {
  const writer = new RingWriter({ capacity: MIB });
  writer.addInterface({ linktype: 1, snaplen: 0, section: 0, timestampSource: 'savefile' });
  for (const packet of numbered(PACKETS)) writer.write(packet);
  writer.publish();
  const selector = new Selection(writer.buffer, { share: 'group' });
  selector.join({ shares, member, epoch: joined }, 0);
  const cursor = new Cursor(makeCursorBuffer());
  const memory = new RingMemory(writer.buffer);
  return readAll(new RingReader(memory, cursor, { position: 0n, sequence: 0n }, { selector }));
}

describe('a member of a share group', () => {
  it('of an honest tap reads what its epochs give it', () => {
    const forgery = new ForgedShares();
    forgery.newest(3n);
    forgery.epoch(1, 1n, 0n, ME);
    forgery.epoch(2, 2n, 30n, 8);
    forgery.epoch(3, 3n, 90n, ME);
    const read = readAs(ME, 1, forgery).map(({ sequence }) => Number(sequence));
    expect(read).toEqual([...Array(30).keys(), ...Array.from({ length: 10 }, (_, i) => 90 + i)]);
  });

  it('reads nothing of what was before it joined', () => {
    const forgery = new ForgedShares();
    forgery.newest(1n);
    forgery.epoch(1, 1n, 0n, ME);
    expect(readAs(ME, 2, forgery)).toEqual([]);
  });

  it.each<[string, number, (forgery: ForgedShares) => void]>([
    ['has the number of another one', 1, (forgery) => forgery.epoch(1, 65n, 0n, ME)],
    ['is said to be there, and is not', 1, (forgery) => forgery.newest(2n)],
    ['has the largest of all numbers', 1, (forgery) => forgery.newest(2n ** 64n - 1n)],
    ['has a number that would never end, for one that joined before all', 0, (forgery) => neverBegun(forgery, ME)],
    ['begins after all packets, and so do those before', 1, (forgery) => neverBegun(forgery, ME)],
  ])('finds out an epoch that %s', (_, joined, forge) => {
    const forgery = new ForgedShares();
    forgery.newest(1n);
    forgery.epoch(1, 1n, 0n, ME);
    forge(forgery);
    expect(() => readAs(ME, joined, forgery)).toThrow(RingError);
  });

  it('reads packets of the ring, if any, and comes to an end, whatever is written there', () => {
    const number = fc.oneof(fc.bigInt(0n, 200n), fc.bigInt(0n, 2n ** 64n - 1n), fc.constantFrom(NEVER));
    const owner = fc.oneof(fc.constant(ME), fc.integer({ min: 0, max: 0xffff_ffff }));
    const epochs = fc.array(fc.tuple(number, number, owner), { minLength: EPOCHS, maxLength: EPOCHS });
    const joined = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.maxSafeNat());
    const property = fc.property(number, epochs, fc.boolean(), joined, (newest, all, areInOrder, epoch) => {
      const forgery = new ForgedShares();
      forgery.newest(newest);
      for (const [i, [own, begin, who]] of all.entries())
        forgery.epoch(i, areInOrder ? newest - ((newest - BigInt(i)) & 63n) : own, begin, who);
      try {
        expect(readAs(ME, epoch, forgery).length).toBeLessThanOrEqual(PACKETS);
      } catch (error) {
        expect(error).toBeInstanceOf(RingError);
      }
    });
    fc.assert(property, { seed: 1, numRuns: 300 });
  });
});
