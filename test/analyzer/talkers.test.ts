import { describe, expect, it } from 'vitest';
import { Talkers, type TalkersFlow } from '../../src/analyzer/talkers.js';

/** A flow of so many packets each way; of IPv6 if the ends have four words. */
function flow(source: readonly number[], dest: readonly number[], packets: number, bytes: number): TalkersFlow {
  return {
    ipVersion: source.length === 4 ? 6 : 4,
    protocol: 17,
    srcPort: 1,
    dstPort: 2,
    srcWord: (i) => source[i] ?? 0,
    dstWord: (i) => dest[i] ?? 0,
    pktsToServer: packets,
    pktsToClient: packets,
    bytesToServer: bytes,
    bytesToClient: bytes,
  };
}

const [A, B, C] = [[0x0a000001], [0x0a000002], [0xc0000201]] as const;

describe('talkers', () => {
  it('are sums by address, the largest first and equals by address', () => {
    const talkers = new Talkers();
    talkers.addFlow(flow(B, A, 1, 10));
    talkers.addFlow(flow(C, C, 1, 5));
    talkers.addFlow(flow(C, C, 1, 10));
    expect(talkers.top(2)).toEqual([
      { address: '192.0.2.1', packets: 4, bytes: 30 },
      { address: '10.0.0.1', packets: 2, bytes: 20 },
    ]);
    expect(talkers.exact).toBe(true);
  });

  it('are other ones in IPv4 and in IPv6, and with every word', () => {
    const talkers = new Talkers();
    talkers.addFlow(flow([0x20010db8, 0, 0, 1], [0x20010db8, 0, 0x80000000, 1], 1, 3));
    talkers.addFlow(flow([0x20010db8, 0, 0, 1], [0x20010db8, 0, 0, 0xffffffff], 1, 2));
    talkers.addFlow(flow([0x20010db8], [0x20010db8], 1, 1));
    expect(talkers.top(9).map(({ address, bytes }) => [address, bytes])).toEqual([
      ['2001:db8::1', 10],
      ['2001:db8::8000:0:0:1', 6],
      ['2001:db8::ffff:ffff', 4],
      ['32.1.13.184', 2],
    ]);
  });

  it('are kept by the thousand', () => {
    const talkers = new Talkers();
    for (let round = 0; round < 3; round++)
      for (let i = 0; i < 5000; i++) talkers.addFlow(flow([i * 0x10001], [i * 0x10001], 1, i));
    const expected = Array.from({ length: 5000 }, (_, i) => ({ packets: 6, bytes: 6 * i })).reverse();
    expect(talkers.top(5000).map(({ packets, bytes }) => ({ packets, bytes }))).toEqual(expected);
    expect(talkers.exact).toBe(true);
  });

  it('forget the smaller half when there are too many, and say so', () => {
    const talkers = new Talkers(4);
    for (const i of [1, 2, 3, 4, 5]) talkers.addFlow(flow([i], [i], 1, 10 * i));
    expect(talkers.exact).toBe(false);
    expect(talkers.top(9).map(({ address }) => address)).toEqual(['0.0.0.5', '0.0.0.4', '0.0.0.3']);
  });

  it('can be copied and added to without a change in the original', () => {
    const talkers = new Talkers();
    talkers.addFlow(flow(A, A, 1, 1));
    talkers.clone().addFlow(flow(A, B, 1, 1));
    expect(talkers.top(2)).toEqual([{ address: '10.0.0.1', packets: 2, bytes: 2 }]);
  });
});
