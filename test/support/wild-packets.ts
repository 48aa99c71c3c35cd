// Packets that nobody should send, for property tests: random bytes, and sound packets with bytes overwritten and ends cut.

import fc from 'fast-check';
import { makePacket, type PacketView } from '../../src/packet/packet-view.js';
import { concat, ethernet, hex, icmp, ipv4, ipv6, tcp, udp, vlanTag } from './frames.js';
import { makeInterface } from './packets.js';

const LINKTYPES = [0, 1, 12, 14, 101, 108, 113, 228, 229, 276, 147];

const CAUSE = concat(ipv4(udp(), { protocol: 17 }));

const SOUND: readonly Uint8Array[] = [
  concat(ethernet(0x0800), ipv4(tcp({}, hex('aabb')))),
  concat(ethernet(0x8100), vlanTag(5, 0x88a8), vlanTag(6, 0x86dd), ipv6(6, tcp())),
  concat(ethernet(0x0800), ipv4(icmp(3, 3, concat(new Uint8Array(4), CAUSE)), { protocol: 1 })),
  concat(ethernet(0x86dd), ipv6(58, icmp(1, 4, concat(new Uint8Array(4), ipv6(17, udp()))))),
  concat(ethernet(0x86dd), ipv6(0, concat(hex('2c00050200000000 1100000100000001'), udp()))),
  concat(ethernet(0x0806), hex('0001080006040001 020000000001 0a000001 000000000000 0a000002')),
  ipv4(udp(hex('00')), { protocol: 17 }),
];

/** Packets with any bytes, any of the known linktypes (and one unknown), any origlen and any time. */
export function wildPackets(): fc.Arbitrary<PacketView> {
  return fc
    .record({
      data: fc.oneof(fc.uint8Array({ maxLength: 120 }), mangled()),
      extra: fc.oneof(fc.constant(0), fc.integer({ min: -200, max: 2000 })),
      tsNs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      linktype: fc.constantFrom(...LINKTYPES),
    })
    .map(({ data, extra, tsNs, linktype }) => {
      const origlen = Math.max(0, data.length + extra);
      return makePacket({ data, origlen, tsNs, interface: makeInterface({ linktype }) });
    });
}

function mangled(): fc.Arbitrary<Uint8Array> {
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 });
  return fc.tuple(fc.constantFrom(...SOUND), changes, fc.nat()).map(([sound, overwrite, cut]) => {
    const data = Uint8Array.from(sound);
    for (const [at, value] of overwrite) data[at % data.length] = value;
    return data.subarray(0, data.length - (cut % 3 === 0 ? cut % data.length : 0));
  });
}
