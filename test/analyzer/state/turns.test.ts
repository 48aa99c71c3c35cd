// Turns among real threads: what they do in turns comes out in the order of their packets.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTurnsMemory, Turns } from '../../../src/analyzer/state/turns.js';
import { output } from '../../support/run.js';

const PROGRAM = join(import.meta.dirname, '../../programs/take-turns.js');
const PACKETS = 2000;

async function listOf(...args: readonly number[]): Promise<number[]> {
  return JSON.parse((await output('node', [PROGRAM, ...args.map(String)])).toString()) as number[];
}

describe('turns', () => {
  it.each([1, 2, 4])('keep the order of packets among %d threads', async (threads) => {
    expect(await listOf(threads, PACKETS)).toEqual(Array.from({ length: PACKETS }, (_, packet) => packet));
  });

  it('are taken without one that is behind, where packets are lost meanwhile, until it has caught up', () => {
    const memory = makeTurnsMemory(2);
    const [ahead, behind] = [new Turns(memory, 1, 2), new Turns(memory, 2, 2)];
    const places: bigint[] = [];
    for (const sequence of [5n, 6n, 7n]) {
      ahead.tell({ nextSequence: sequence, gaps: 0, policy: 'lossy' });
      ahead.begin({ sequence, isIntact: () => true });
      ahead.wait();
      places.push(sequence);
      behind.tell({ nextSequence: sequence + 2n, gaps: 0, policy: 'lossy' });
    }
    expect(places).toEqual([5n, 6n, 7n]);
  });

  it('are not waited for once a thread is gone', async () => {
    const list = await listOf(3, PACKETS, 1);
    expect(list).toEqual([...list].sort((a, b) => a - b));
    expect(list.length).toBeGreaterThan(PACKETS / 2);
    expect(list.length).toBeLessThan(PACKETS);
  });
});
