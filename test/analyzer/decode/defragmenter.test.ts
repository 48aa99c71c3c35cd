import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Defragmenter } from '../../../src/analyzer/decode/defragmenter.js';
import { Layers } from '../../../src/packet/layers.js';
import { makePacket } from '../../../src/packet/packet-view.js';
import { concat, ethernet, hex, ipv4, ipv6, u16, u32, udp } from '../../support/frames.js';

const DATAGRAM = udp(Uint8Array.from({ length: 40 }, (_, i) => i));
const SECOND = 1_000_000_000n;

/** A defragmenter, the events it told, and a short way to give it a piece of a packet of any protocol. */
function setUp() {
  const events: string[] = [];
  const defragmenter = new Defragmenter({ event: (name) => events.push(name) });
  const layers = new Layers();
  const give = (ip: Uint8Array, { etherType = 0x0800, sec = 0, vlans = 0 } = {}) => {
    const packet = makePacket({ data: concat(ethernet(etherType), ip), tsNs: BigInt(sec) * SECOND });
    layers.decode(packet);
    expect(layers.fragment).toBe(1);
    return defragmenter.add(packet, layers, vlans)?.data;
  };
  return { defragmenter, events, give };
}

interface Cut {
  readonly from: number;
  readonly to: number;
  readonly more: boolean;
}

const v4 = (bytes: Uint8Array, { from, to, more }: Cut) =>
  ipv4(bytes.subarray(from, to), { protocol: 17, fragment: (from / 8) | (more ? 0x2000 : 0) });
const v6 = (bytes: Uint8Array, { from, to, more }: Cut) =>
  ipv6(44, concat(hex('1100'), u16(from | (more ? 1 : 0)), u32(7), bytes.subarray(from, to)));

const THREE: readonly Cut[] = [
  { from: 0, to: 16, more: true },
  { from: 16, to: 32, more: true },
  { from: 32, to: 48, more: false },
];

describe('a fragmented packet', () => {
  it.each([
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
  ])('is whole once all its fragments came, in any order: %d %d %d', (...order) => {
    const { give, events, defragmenter } = setUp();
    const results = order.map((i) => give(v4(DATAGRAM, THREE[i]!)));
    expect(results.slice(0, 2)).toEqual([undefined, undefined]);
    expect(results[2]).toEqual(concat(hex('45000044 00010000 40110000 0a000001 0a000002'), DATAGRAM));
    expect(events).toEqual([]);
    expect(defragmenter.memory).toBe(0);
    expect(defragmenter.ipv4).toMatchObject({ fragments: 3, reassembled: 1 });
  });

  it('has a header whose checksum is right, if those of the fragments were', () => {
    const { give } = setUp();
    const [first, second, third] = THREE.map((cut) => v4(DATAGRAM, cut));
    give(first!);
    give(second!);
    third!.set([0x66, 0xc2], 10);
    expect(give(third!)!.subarray(0, 20)).toEqual(hex('45000044 00010000 4011 66a6 0a000001 0a000002'));
  });

  it('is whole for IPv6, too, without the fragment header', () => {
    const { give } = setUp();
    const [first, second, third] = THREE.map((cut) => give(v6(DATAGRAM, cut), { etherType: 0x86dd }));
    expect([first, second]).toEqual([undefined, undefined]);
    expect(third).toEqual(ipv6(17, DATAGRAM));
  });

  it('is told apart by VLAN', () => {
    const { give } = setUp();
    give(v4(DATAGRAM, THREE[0]!));
    give(v4(DATAGRAM, THREE[1]!), { vlans: 6 });
    expect(give(v4(DATAGRAM, THREE[2]!))).toBeUndefined();
  });

  it('keeps the byte that came first where fragments overlap, and says so', () => {
    const { give, events } = setUp();
    give(v4(DATAGRAM, { from: 8, to: 24, more: true }));
    give(v4(new Uint8Array(48), { from: 24, to: 48, more: false }));
    expect(give(v4(new Uint8Array(48).fill(9), { from: 0, to: 32, more: true }))!.subarray(20)).toEqual(
      concat(new Uint8Array(8).fill(9), DATAGRAM.subarray(8, 24), new Uint8Array(24)),
    );
    expect(events).toEqual(['ipv4.frag_overlap']);
  });

  it('is never larger than a packet may be', () => {
    const { give, events } = setUp();
    expect(give(ipv4(new Uint8Array(16), { protocol: 17, fragment: 0x1fff }))).toBeUndefined();
    expect(events).toEqual(['ipv4.frag_pkt_too_large']);
  });

  it('is never larger than a packet may be with its extension headers', () => {
    const { give, events } = setUp();
    const last = (bytes: number) => concat(hex('1100'), u16(65_520), u32(7), new Uint8Array(bytes));
    const inOptions = (fragment: Uint8Array) => ipv6(0, concat(hex('2c00010400000000'), fragment));
    give(inOptions(last(7)), { etherType: 0x86dd });
    expect(events).toEqual([]);
    give(inOptions(last(8)), { etherType: 0x86dd });
    expect(events).toEqual(['ipv6.frag_pkt_too_large']);
  });

  it('is forgotten after a minute', () => {
    const { give, defragmenter } = setUp();
    give(v4(DATAGRAM, THREE[0]!), { sec: 100 });
    give(v4(DATAGRAM, THREE[1]!), { sec: 159 });
    expect(give(v4(DATAGRAM, THREE[2]!), { sec: 160 })).toBeUndefined();
    expect(defragmenter.ipv4.timeouts).toBe(1);
  });

  it('leaves room for others: memory is bounded', () => {
    const { give, defragmenter } = setUp();
    const big = new Uint8Array(60_000);
    for (let id = 0; id < 1000; id++)
      give(ipv4(big, { protocol: 17, fragment: 0x2000, src: `10.0.${id >> 8}.${id & 255}` }));
    expect(defragmenter.memory).toBeLessThan((32 << 20) + 2 * 65_536);
    expect(defragmenter.forced).toBeGreaterThan(400);
  });

  it('has each byte from the fragment that brought it first, however it is cut', () => {
    const cut = fc.record({ from: fc.nat(10), length: fc.integer({ min: 1, max: 6 }) });
    fc.assert(
      fc.property(fc.array(cut, { maxLength: 30 }), (cuts) => {
        const { give, defragmenter } = setUp();
        const expected: number[] = [];

        for (const [number, { from, length }] of [...cuts, { from: 0, length: 16 }].entries()) {
          const bytes = new Uint8Array(8 * (from + length)).fill(number + 1);
          for (let i = 8 * from; i < bytes.length; i++) expected[i] ??= number + 1;
          give(v4(bytes, { from: 8 * from, to: bytes.length, more: true }));
        }
        const whole = give(v4(new Uint8Array(136), { from: 128, to: 136, more: false }));
        expect([...whole!.subarray(20, 148)]).toEqual(expected.slice(0, 128));
        expect(defragmenter.memory).toBe(0);
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});
