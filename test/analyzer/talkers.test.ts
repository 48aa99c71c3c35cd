import { describe, expect, it } from 'vitest';
import { Talkers } from '../../src/analyzer/talkers.js';

describe('talkers', () => {
  it('are sums by address, the largest first and equals by address', () => {
    const talkers = new Talkers();
    talkers.add('b', 1, 10);
    talkers.add('a', 1, 10);
    talkers.add('c', 1, 5);
    talkers.add('c', 2, 20);
    expect(talkers.top(2)).toEqual([
      { address: 'c', packets: 3, bytes: 25 },
      { address: 'a', packets: 1, bytes: 10 },
    ]);
    expect(talkers.exact).toBe(true);
  });

  it('forget the smaller half when there are too many, and say so', () => {
    const talkers = new Talkers(4);
    for (const [i, address] of ['a', 'b', 'c', 'd', 'e'].entries()) talkers.add(address, 1, 10 * (i + 1));
    expect(talkers.exact).toBe(false);
    expect(talkers.top(9).map(({ address }) => address)).toEqual(['e', 'd', 'c']);
  });

  it('can be copied and added to without a change in the original', () => {
    const talkers = new Talkers();
    talkers.add('a', 1, 1);
    talkers.clone().add('a', 1, 1);
    expect(talkers.top(1)).toEqual([{ address: 'a', packets: 1, bytes: 1 }]);
  });
});
