// Rules and fragments, as Suricata 7.0.10 was seen to try them: each, by its IP header, and the packet that they make.

import { describe, expect, it } from 'vitest';
import { sidsOf } from '../../support/alerts.js';
import { concat, ethernet, hex, ipv4, ipv6, udp } from '../../support/frames.js';

const MORE = 0x2000;
const CUT = 16;

const DATAGRAM = udp(Uint8Array.from(Buffer.from('abcdefghijklmnopqrstuvwxyz')), { dstPort: 9999 });
const PARTS = [DATAGRAM.subarray(0, CUT), DATAGRAM.subarray(CUT)] as const;

const IPV4 = PARTS.map((part, i) =>
  concat(ethernet(0x0800), ipv4(part, { protocol: 17, fragment: i === 0 ? MORE : CUT / 8 })),
);

/** A fragment header (RFC 8200, section 4.5): next header UDP, offset and flag, identification. */
const IPV6 = PARTS.map((part, i) =>
  concat(ethernet(0x86dd), ipv6(44, concat(hex(i === 0 ? '1100000100000007' : '1100001000000007'), part))),
);

const matches = (rule: string, frames: readonly Uint8Array[]) => sidsOf(rule.replace(/\)$/, ' sid:1;)'), frames).length;

describe('rules', () => {
  it.each([
    ['alert ip any any -> any any ()', 3, 3],
    ['alert udp any any -> any any ()', 3, 1],
    ['alert udp any any -> any 9999 ()', 1, 1],
    ['alert ip any any -> any any (fragbits:M;)', 1, 0],
    ['alert ip any any -> any any (fragoffset:>0;)', 1, 1],
    ['alert ip any any -> any any (dsize:<20;)', 2, 2],
    ['alert ip any any -> any any (content:"abc";)', 1, 1],
    ['alert ip any any -> any any (content:"ijkl";)', 1, 1],
    ['alert ip any any -> any any (content:!"zzz";)', 1, 1],
    ['alert ip any any -> any any (flow:stateless;)', 1, 1],
    ['alert ip any any -> any any (flowbits:isnotset,seen;)', 1, 1],
  ])('see each fragment by its IP header, and what they make whole: %s', (rule, inIpv4, inIpv6) => {
    expect([matches(rule, IPV4), matches(rule, IPV6)]).toEqual([inIpv4, inIpv6]);
  });
});
