import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePacket, type PacketFields } from '../../src/packet/packet-view.js';
import { formatLine } from '../../src/sink/line.js';
import { concat, ethernet, hex, icmp, ipv4, ipv6, tcp, u16, udp, vlanTag } from '../support/frames.js';
import { makeInterface } from '../support/packets.js';
import { wildPackets } from '../support/wild-packets.js';

function line(data: Uint8Array, fields: Partial<PacketFields> = {}): string {
  return formatLine(makePacket({ data, ...fields }), { time: 'none' });
}

const over4 = (payload: Uint8Array, protocol = 6, more = {}) =>
  concat(ethernet(0x0800), ipv4(payload, { protocol, ...more }));
const over6 = (nextHeader: number, payload: Uint8Array) => concat(ethernet(0x86dd), ipv6(nextHeader, payload));
const arp = (operation: number, target = '000000000000') =>
  concat(ethernet(0x0806), hex(`0001 0800 06 04 000${operation} 020000000001 0a000001 ${target} 0a000002`));
/** The packet that an ICMP error is about, behind its four unused bytes. */
const about = (packet: Uint8Array, unused = '00000000') => concat(hex(unused), packet);

describe('a line', () => {
  it.each([
    ['TCP', over4(tcp()), 'IP 10.0.0.1.1234 > 10.0.0.2.80: Flags [S], seq 1, win 64240, length 0'],
    [
      'TCP with data up to the end of the sequence numbers',
      over4(tcp({ seq: 0xffffffff, ack: 5, flags: 0x18 }, hex('0102'))),
      'IP 10.0.0.1.1234 > 10.0.0.2.80: Flags [P.], seq 4294967295:1, ack 5, win 64240, length 2',
    ],
    [
      'a bare ACK',
      over4(tcp({ ack: 5, flags: 0x10 })),
      'IP 10.0.0.1.1234 > 10.0.0.2.80: Flags [.], ack 5, win 64240, length 0',
    ],
    ['no TCP flags', over4(tcp({ flags: 0 })), 'IP 10.0.0.1.1234 > 10.0.0.2.80: Flags [none], win 64240, length 0'],
    ['UDP', over4(udp(hex('0102')), 17), 'IP 10.0.0.1.1234 > 10.0.0.2.53: UDP, length 2'],
    ['UDP over IPv6', over6(17, udp(hex('01'))), 'IP6 2001:db8::1.1234 > 2001:db8::2.53: UDP, length 1'],
    [
      'UDP in a VLAN',
      concat(ethernet(0x8100), vlanTag(5, 0x0800), ipv4(udp(), { protocol: 17 })),
      'IP 10.0.0.1.1234 > 10.0.0.2.53: UDP, length 0',
    ],
    ['SCTP', over4(concat(u16(7), u16(8), new Uint8Array(9)), 132), 'IP 10.0.0.1.7 > 10.0.0.2.8: SCTP, length 1'],
    ['another protocol', over4(hex('0000'), 47), 'IP 10.0.0.1 > 10.0.0.2: ip-proto-47 2'],
    [
      'an echo request',
      over4(icmp(8, 0, hex('00010002aa')), 1),
      'IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 2, length 9',
    ],
    [
      'an unreachable port',
      over4(icmp(3, 3, about(ipv4(udp(), { protocol: 17 }))), 1),
      'IP 10.0.0.1 > 10.0.0.2: ICMP 10.0.0.2 udp port 53 unreachable, length 36',
    ],
    [
      'a packet that needs fragments',
      over4(icmp(3, 4, about(ipv4(tcp()), '00000578')), 1),
      'IP 10.0.0.1 > 10.0.0.2: ICMP 10.0.0.2 unreachable - need to frag (mtu 1400), length 48',
    ],
    [
      'a forbidden host',
      over4(icmp(3, 10, about(ipv4(tcp()))), 1),
      'IP 10.0.0.1 > 10.0.0.2: ICMP host 10.0.0.2 unreachable - admin prohibited, length 48',
    ],
    [
      'a redirect',
      over4(icmp(5, 1, about(ipv4(tcp()), '0a0000fe')), 1),
      'IP 10.0.0.1 > 10.0.0.2: ICMP redirect 10.0.0.2 to host 10.0.0.254, length 48',
    ],
    [
      'an echo reply of IPv6',
      over6(58, icmp(129, 0, hex('00010002'))),
      'IP6 2001:db8::1 > 2001:db8::2: ICMP6, echo reply, id 1, seq 2, length 8',
    ],
    [
      'an unreachable port of IPv6',
      over6(58, icmp(1, 4, about(ipv6(17, udp())))),
      'IP6 2001:db8::1 > 2001:db8::2: ICMP6, destination unreachable, unreachable port, 2001:db8::2 udp port 53, length 56',
    ],
    ['a later fragment', over4(udp(), 17, { fragment: 185 }), 'IP 10.0.0.1 > 10.0.0.2: ip-proto-17'],
    [
      'a first fragment of IPv6',
      over6(44, concat(hex('1100000100000001'), udp(hex('01'), { length: 900 }))),
      'IP6 2001:db8::1 > 2001:db8::2: frag (0|9) 1234 > 53: UDP, length 892',
    ],
    ['an ARP request', arp(1), 'ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28'],
    [
      'an ARP request to somebody',
      arp(1, '02000000000a'),
      'ARP, Request who-has 10.0.0.2 (02:00:00:00:00:0a) tell 10.0.0.1, length 28',
    ],
    ['an ARP reply', arp(2), 'ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:01, length 28'],
    [
      'an EtherType that it does not look into',
      concat(ethernet(0x88cc), hex('00')),
      '02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype LLDP (0x88cc), length 15',
    ],
    ['an 802.3 frame', concat(ethernet(3), hex('424203')), '02:00:00:00:00:01 > 02:00:00:00:00:02, 802.3, length 3'],
  ])('shows %s', (_, data, expected) => {
    expect(line(data)).toBe(expected);
  });

  it('names the linktype of packets that it does not look into', () => {
    const from = makeInterface({ linktype: 189 });
    expect(line(hex('0102'), { interface: from, origlen: 64 })).toBe('USB_LINUX, length 64');
  });

  it.each([
    ['in the Ethernet header', over4(tcp()).subarray(0, 10), ' [|ether]'],
    ['in a VLAN tag', concat(ethernet(0x8100), hex('00')), ' [|vlan]'],
    ['in the IP header', over4(tcp()).subarray(0, 30), 'IP  [|ip]'],
    ['before the ports', over4(tcp()).subarray(0, 36), 'IP 10.0.0.1 > 10.0.0.2:  [|tcp]'],
    ['behind the ports', over4(tcp()).subarray(0, 40), 'IP 10.0.0.1.1234 > 10.0.0.2.80:  [|tcp]'],
    ['in the ARP packet', arp(1).subarray(0, 30), ' [|arp]'],
  ])('marks a packet that was cut %s', (_, data, expected) => {
    expect(line(data, { origlen: 60 })).toBe(expected);
  });

  it.each([
    [
      over4(tcp(), 6, { totalLength: 50 }),
      'IP truncated-ip - 10 bytes missing! 10.0.0.1.1234 > 10.0.0.2.80: Flags [S], seq 1:11, win 64240, length 10',
    ],
    [over4(tcp(), 6, { totalLength: 10 }), 'IP bad-len 10'],
    [over4(tcp({ dataOffset: 3 })), 'IP 10.0.0.1.1234 > 10.0.0.2.80: [bad hdr length 12]'],
    [over4(udp(hex('00'), { length: 4 }), 17), 'IP 10.0.0.1.1234 > 10.0.0.2.53: UDP, bad length 4'],
    [concat(ethernet(0x0800), ipv6(6, tcp())), 'IP version error: 6'],
  ])('says what is wrong with a malformed packet', (data, expected) => {
    expect(line(data)).toBe(expected);
  });

  it('begins with the local time of day, to the microsecond or the nanosecond', () => {
    const tsNs = 1_700_000_000_123_456_789n;
    const packet = makePacket({ data: over4(tcp()), tsNs });
    const date = new Date(1_700_000_000_000);
    const clock = [date.getHours(), date.getMinutes(), date.getSeconds()]
      .map((n) => String(n).padStart(2, '0'))
      .join(':');
    expect(formatLine(packet).split(' ')[0]).toBe(`${clock}.123456`);
    expect(formatLine(packet, { nanoseconds: true }).split(' ')[0]).toBe(`${clock}.123456789`);
    expect(formatLine(packet, { time: 'epoch' }).split(' ')[0]).toBe('1700000000.123456');
  });

  it('is one line, whatever the bytes are', () => {
    fc.assert(
      fc.property(wildPackets(), (packet) => {
        expect(formatLine(packet)).toMatch(/^\d\d:\d\d:\d\d\.\d{6} [ -~]+$/);
      }),
      { numRuns: 5000, seed: 2 },
    );
  });
});
