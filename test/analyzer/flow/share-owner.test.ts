import { describe, expect, it } from 'vitest';
import { PacketDecoder } from '../../../src/analyzer/decode/decoder.js';
import { FlowKey, Tracking } from '../../../src/analyzer/flow/flow-key.js';
import { flowHashOf, ShareOwner } from '../../../src/analyzer/flow/share-owner.js';
import { makePacket } from '../../../src/packet/packet-view.js';
import { expectedFlowHash } from '../../support/flow-hash.js';
import { concat, ethernet, hex, icmp, ipv4, ipv6, tcp, udp } from '../../support/frames.js';

const SCTP = concat(hex('04d2 0050 00000000 00000000'), hex('01000014 00000001 00010000 00010001 00000001'));

const FRAMES: readonly (readonly [string, Uint8Array])[] = [
  ['TCP', ipv4(tcp())],
  ['UDP', ipv4(udp(), { protocol: 17 })],
  ['SCTP', ipv4(SCTP, { protocol: 132 })],
  ['ICMP', ipv4(icmp(8, 0, hex('00010002')), { protocol: 1 })],
  ['ESP', ipv4(hex('0102030405060708'), { protocol: 50 })],
  ['TCP over IPv6', ipv6(6, tcp())],
  ['ICMPv6', ipv6(58, icmp(128, 0, hex('00010002')))],
];

describe("a flow's hash", () => {
  it.each(FRAMES)("is that of the tap for the flow's plain packets: %s", (_, packet) => {
    const frame = concat(ethernet(packet[0]! >> 4 === 4 ? 0x0800 : 0x86dd), packet);
    const view = makePacket({ data: frame });
    const key = new FlowKey();
    expect(key.take(view, new PacketDecoder().decode(view))).toBe(Tracking.own);
    expect(flowHashOf(key)).toBe(expectedFlowHash(frame, 1));
  });
});

describe('shares', () => {
  it('have each hash once', () => {
    const owners = [1, 2, 3].map((index) => new ShareOwner({ index, of: 3 }));
    for (const hash of [0, 1, 2 ** 31, 2 ** 32 - 1, 123_456_789]) {
      expect(owners.filter((owner) => owner.ownsHash(hash))).toHaveLength(1);
    }
  });
});
