import { describe, expect, it } from 'vitest';
import { AddressTable, KEY_WORDS, makeTableMemory, unlockFor } from '../../../src/analyzer/state/address-table.js';
import { makeTurnsMemory, Turns } from '../../../src/analyzer/state/turns.js';

const RECORDS = 16;
const NOW = 1_700_000_000;

function tableOver(memory: SharedArrayBuffer, owner = 1): AddressTable {
  return new AddressTable(memory, owner, new Turns(makeTurnsMemory(1), 1, 1));
}

function keyOf(address: number): Uint32Array {
  const key = new Uint32Array(KEY_WORDS);
  key[0] = address;
  key[KEY_WORDS - 1] = 1;
  return key;
}

describe('a table of addresses', () => {
  it('is the same for all who have its memory', () => {
    const memory = makeTableMemory(RECORDS);
    const [one, other] = [tableOver(memory, 1), tableOver(memory, 2)];
    one.use(() => {
      one.add(keyOf(7), NOW).count = 3;
    });
    expect(other.use(() => other.find(keyOf(7))?.count)).toBe(3);
    expect(other.use(() => other.find(keyOf(8)))).toBeUndefined();
    other.use(() => other.remove(keyOf(7)));
    expect(one.use(() => one.find(keyOf(7)))).toBeUndefined();
  });

  it('begins a record with nothing of the one that had its place', () => {
    const table = tableOver(makeTableMemory(RECORDS));
    const old = table.add(keyOf(1), NOW);
    old.count = 9;
    old.untilSec = NOW + 100;
    table.remove(keyOf(1));
    expect(table.add(keyOf(2), NOW + 1)).toMatchObject({ count: 0, sinceSec: NOW + 1, untilSec: NOW + 1 });
  });

  it('lets the record go that ends first when there is no room, and counts those that had not ended', () => {
    const table = tableOver(makeTableMemory(RECORDS));
    for (let i = 0; i < RECORDS; i++) table.add(keyOf(i), NOW).untilSec = NOW + 10 + i;
    table.add(keyOf(100), NOW + 5).untilSec = NOW + 1000;
    expect(table.forgotten).toBe(1);
    expect(table.find(keyOf(0))).toBeUndefined();
    expect(table.find(keyOf(1))).toBeDefined();
    table.add(keyOf(101), NOW + 12);
    expect(table.forgotten).toBe(1);
    expect(table.find(keyOf(1))).toBeUndefined();
  });

  it('can be used again when whoever had it locked is gone', () => {
    const memory = makeTableMemory(RECORDS);
    const [lost, other] = [tableOver(memory, 1), tableOver(memory, 2)];
    const found = lost.use(() => {
      unlockFor(memory, 2);
      unlockFor(memory, 1);
      return other.use(() => other.find(keyOf(1)));
    });
    expect(found).toBeUndefined();
  });
});
