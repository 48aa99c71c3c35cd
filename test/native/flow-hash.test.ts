// The flow hash that the native writer puts into each record: what docs/layout.md says, the same in both directions and for
// all fragments of a packet, so that a share of the traffic by hash keeps conversations whole.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusFiles, corpusPresent } from '../support/corpus.js';
import { pcapHeader, pcapRecord } from '../support/craft-savefile.js';
import { expectedFlowHash } from '../support/flow-hash.js';
import { concat, ethernet, hex, ipv4, ipv6, tcp, udp, vlanTag } from '../support/frames.js';
import { SavefileBench } from '../support/replay-bytes.js';

const THERE = { src: '10.0.0.1', dst: '192.168.7.9' };
const BACK = { src: '192.168.7.9', dst: '10.0.0.1' };
const overEthernet = (packet: Uint8Array, type = 0x0800) => concat(ethernet(type), packet);

describe('the flow hash', () => {
  let bench: SavefileBench;
  beforeAll(() => {
    bench = new SavefileBench(16 << 20);
  });
  afterAll(() => bench[Symbol.dispose]());

  /** Of each packet, after it was compared with the plain computation. */
  async function hashesOf(packets: readonly Uint8Array[], linktype = 1): Promise<number[]> {
    const records = packets.map((data) => pcapRecord({ data }));
    const replayed = await bench.replayBytes(pcapHeader({ linktype }), ...records);
    const hashes = replayed.packets.map(({ flowHash }) => flowHash);
    expect(hashes).toEqual(packets.map((packet) => expectedFlowHash(packet, linktype)));
    return hashes;
  }

  it('is the same in both directions, and another for another port', async () => {
    const [there, back, other] = await hashesOf([
      overEthernet(ipv4(tcp({ srcPort: 1234, dstPort: 80 }), THERE)),
      overEthernet(ipv4(tcp({ srcPort: 80, dstPort: 1234 }), BACK)),
      overEthernet(ipv4(tcp({ srcPort: 80, dstPort: 1235 }), BACK)),
    ]);
    expect(there).toBe(back);
    expect(other).not.toBe(there);
    expect(there).not.toBe(0);
  });

  it('is the same in both directions over IPv6, extension headers or not', async () => {
    const there = ipv6(17, udp(undefined, { srcPort: 5353, dstPort: 53 }));
    const back = ipv6(17, udp(undefined, { srcPort: 53, dstPort: 5353 }));
    back.set(there.subarray(8, 24), 24);
    back.set(there.subarray(24, 40), 8);
    const hopByHop = concat(hex('1100000000000000'), udp(undefined, { srcPort: 5353, dstPort: 53 }));
    const hashes = await hashesOf([there, back, ipv6(0, hopByHop)].map((packet) => overEthernet(packet, 0x86dd)));
    expect(new Set(hashes).size).toBe(1);
  });

  it('is the same for all fragments of a packet', async () => {
    const first = ipv4(udp(new Uint8Array(24)), { ...THERE, protocol: 17, fragment: 0x2000 });
    const last = ipv4(new Uint8Array(24), { ...THERE, protocol: 17, fragment: 0x0004 });
    const [a, b] = await hashesOf([overEthernet(first), overEthernet(last)]);
    expect(a).toBe(b);
    const fragment = (offset: string, payload: Uint8Array) => ipv6(44, concat(hex(`1100${offset}00000001`), payload));
    const [c, d] = await hashesOf([fragment('0001', udp()), fragment('0010', new Uint8Array(8))], 101);
    expect(c).toBe(d);
  });

  it('does not depend on what the IP packet is carried in', async () => {
    const ip = ipv4(tcp(), THERE);
    const [plain, tagged, twice] = await hashesOf([
      overEthernet(ip),
      concat(ethernet(0x8100), vlanTag(7, 0x0800), ip),
      concat(ethernet(0x88a8), vlanTag(7, 0x8100), vlanTag(8, 0x0800), ip),
    ]);
    const [raw] = await hashesOf([ip], 101);
    const [sll] = await hashesOf([concat(new Uint8Array(14), hex('0800'), ip)], 113);
    const [sll2] = await hashesOf([concat(hex('0800'), new Uint8Array(18), ip)], 276);
    const [loopback] = await hashesOf([concat(hex('02000000'), ip)], 0);
    expect(new Set([plain, tagged, twice, raw, sll, sll2, loopback]).size).toBe(1);
  });

  it('is 0 for what is not IP, and for what is too short to tell', async () => {
    const ip = ipv4(tcp(), THERE);
    const hashes = await hashesOf([
      overEthernet(new Uint8Array(28), 0x0806),
      overEthernet(ip).subarray(0, 33),
      overEthernet(ip).subarray(0, 13),
      overEthernet(hex('ff')),
      new Uint8Array(0),
    ]);
    expect(hashes).toEqual([0, 0, 0, 0, 0]);
    expect(await hashesOf([ip], 105)).toEqual([0]);
  });

  it.skipIf(!corpusPresent)('is what the plain computation says, over the packets of many captures', async () => {
    const files = corpusFiles('valid').filter(({ packets }, at) => packets !== undefined && at % 8 === 0);
    let ip = 0;
    for (const { path } of files) {
      for (const packet of (await bench.replayFile(path)).packets) {
        const expected = expectedFlowHash(packet.data, packet.linktype);
        if (packet.flowHash !== expected) expect.fail(`${path} packet ${packet.sequence}: ${packet.flowHash}`);
        if (expected !== 0) ip++;
      }
    }
    expect(ip).toBeGreaterThan(1000);
  });
});
