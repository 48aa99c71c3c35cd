import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowIndex } from '../../../src/analyzer/flow/flow-index.js';
import { FlowKey } from '../../../src/analyzer/flow/flow-key.js';
import { FlowStore, Word } from '../../../src/analyzer/flow/flow-store.js';

/** A store with a record for each of so many flows; flow i has address i + 1. The hash is ours, so that they collide. */
function indexOf(flows: number) {
  const store = new FlowStore(flows);
  const index = new FlowIndex(store);
  for (let i = 0; i < flows; i++) store.take();
  index.rebuild([]);
  const keyOf = (flow: number) => {
    const key = new FlowKey();
    Object.assign(key, { ipVersion: 4, protocol: 17, srcPort: 1, dstPort: 2 });
    key.addresses[0] = flow + 1;
    return key;
  };
  const insert = (flow: number, hash: number) => {
    store.setWord(flow, Word.hash, hash);
    store.setWord(flow, Word.kind, keyOf(flow).kind);
    store.setWord(flow, Word.ports, (1 << 16) | 2);
    store.setWord(flow, Word.addresses, flow + 1);
    index.insert(flow);
  };
  return { store, index, keyOf, insert };
}

describe('the index of flows', () => {
  it('finds those that are in and no others, however they collide, come and go', () => {
    const FLOWS = 24;
    // Few hashes, most of them near each other and at the table's end, so that places run over into each other.
    const hash = fc.constantFrom(0, 1, 2, 3, -1, -2, 62, 63, 64, 65, 0x7fffffff, -0x80000000);
    const step = fc.record({ flow: fc.nat(FLOWS - 1), hash });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { index, keyOf, insert } = indexOf(FLOWS);
        const inside = new Map<number, number>();
        for (const { flow, hash } of steps) {
          if (inside.delete(flow)) index.remove(flow);
          else {
            insert(flow, hash);
            inside.set(flow, hash);
          }
          for (const [each, itsHash] of inside) expect(index.find(keyOf(each), itsHash)).toBe(each);
          if (!inside.has(flow)) expect(index.find(keyOf(flow), hash)).toBe(-1);
        }
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('says which end sent a packet, of the one that it found last', () => {
    const { index, keyOf, insert } = indexOf(4);
    insert(2, 5);
    expect([index.find(keyOf(2), 5), index.isForward]).toEqual([2, true]);
    const back = keyOf(2);
    Object.assign(back, { srcPort: 2, dstPort: 1 });
    back.addresses.copyWithin(4, 0, 1);
    back.addresses[0] = 0;
    expect([index.find(back, 5), index.isForward]).toEqual([2, false]);
  });

  it('gives the same hash for both directions', () => {
    const { index, keyOf } = indexOf(1);
    const [there, back] = [keyOf(0), keyOf(0)];
    Object.assign(back, { srcPort: 2, dstPort: 1 });
    back.addresses.copyWithin(4, 0, 1);
    back.addresses[0] = 0;
    expect(index.hash(there)).toBe(index.hash(back));
  });
});
