import { describe, expect, it } from 'vitest';
import { refusalOf, sidsOf } from '../../support/alerts.js';
import { concat, ethernet, hex, icmp, ipv4, tcp, udp } from '../../support/frames.js';

const there = (segment: Uint8Array, protocol = 6, options: Uint8Array = new Uint8Array()) =>
  concat(ethernet(0x0800), ipv4(segment, { protocol, options }));
const withMss = (options: string) => {
  const bytes = hex(options);
  return concat(tcp({ dataOffset: 5 + bytes.length / 4 }), bytes);
};

describe('keywords of headers', () => {
  it('know whether a checksum is right', () => {
    const rules = `alert ip any any -> any any (ipv4-csum:invalid; sid:1;)
      alert icmp any any -> any any (icmpv4-csum:valid; sid:2;)
      alert icmp any any -> any any (icmpv4-csum:invalid; sid:3;)
      alert udp any any -> any any (udpv4-csum:invalid; sid:4;)
      alert tcp any any -> any any (tcpv4-csum:invalid; sid:5;)`;
    const echo = (checksum: string) => concat(hex(`0800${checksum}`), hex('00010002'));
    expect(sidsOf(rules, [there(echo('f7fc'), 1)])).toEqual([1, 2]);
    expect(sidsOf(rules, [there(echo('f7fd'), 1)])).toEqual([1, 3]);
    expect(sidsOf(rules, [there(udp(hex('01')), 17)])).toEqual([1]);
    expect(sidsOf(rules, [there(tcp())])).toEqual([1, 5]);
  });

  it('find options, and end at one that contradicts itself', () => {
    const rules = `alert ip any any -> any any (ipopts:rtralt; sid:1;)
      alert ip any any -> any any (ipopts:any; sid:2;)
      alert tcp any any -> any any (tcp.mss:1460; sid:3;)`;
    expect(sidsOf(rules, [there(udp(), 17, hex('01 94 04 0000 000000'))])).toEqual([1, 2]);
    expect(sidsOf(rules, [there(udp(), 17, hex('94 01 0000'))])).toEqual([]);
    expect(sidsOf(rules, [there(withMss('0101 0204 05b4 0000'))])).toEqual([3]);
    expect(sidsOf(rules, [there(withMss('0300 0204 05b4 0000'))])).toEqual([]);
  });

  it('look into the bytes of headers, and into none that is not whole', () => {
    const rules = `alert ip any any -> any any (ipv4.hdr; content:"|01|"; offset:9; depth:1; sid:1;)
      alert icmp any any -> any any (icmpv4.hdr; content:"|08 00|"; startswith; bsize:8; sid:2;)
      alert ip any any -> any any (ip.dst; content:"|0a 00 00 02|"; bsize:4; sid:3;)
      alert tcp any any -> any any (tcp.hdr; content:"|00 50|"; sid:4;)`;
    expect(sidsOf(rules, [there(icmp(8, 0, hex('00010002')), 1)])).toEqual([1, 2, 3]);
    expect(sidsOf(rules, [there(tcp().subarray(0, 12))])).toEqual([]);
  });

  it.each([
    ['ipopts:nope;', 'ipopts: nope is no option'],
    ['tcp.mss:x;', 'x: no condition'],
    ['tcpv4-csum:maybe;', 'maybe is neither valid nor invalid'],
    ['l3_proto:ipx;', 'l3_proto: ipx'],
    ['stream_size:middle,>,1;', 'stream_size: middle'],
    ['stream_size:server,1;', undefined],
    ['flow.age:-1;', '-1: no condition'],
    ['flow.pkts:toserver;', ': no condition'],
    ['flow:to_server,to_client;', 'more than one direction'],
    ['flow:established,stateless;', 'contradict each other'],
    ['dsize:>0; http.uri; content:"a";', 'a keyword of single packets together with'],
  ])('are refused with the reason: %s', (options, reason) => {
    const found = refusalOf(options);
    if (reason === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(reason);
  });

  it('count the packets and bytes of a flow', () => {
    const rules = `alert udp any any -> any any (flow.pkts:toserver,>1; sid:1;)
      alert udp any any -> any any (flow.bytes:either,<50; sid:2;)`;
    expect(sidsOf(rules, [there(udp(), 17), there(udp(), 17)])).toEqual([2, 1, 2]);
  });
});
