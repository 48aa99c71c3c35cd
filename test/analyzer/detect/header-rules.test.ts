// Rules that are a header and nothing else, as Suricata 7.0.10 was seen to try them.

import { describe, expect, it } from 'vitest';
import { sidsOf } from '../../support/alerts.js';
import { concat, ethernet, hex, ipv4, tcp } from '../../support/frames.js';
import { tcpTalk } from '../../support/talks.js';

/** Twelve packets, seven of them the client's. */
const TALK = tcpTalk([
  ['>', 'a'],
  ['<', 'b'],
  ['>', 'c'],
]);

const ARP = concat(ethernet(0x0806), hex('0001080006040001 000000000001 0a000001 000000000000 0a000002'));

/** How often it matches. */
const matches = (ends: string, options = '', frames = TALK) =>
  sidsOf(`alert tcp ${ends} (${options} sid:1;)`, frames).length;

describe('a rule that is only a header', () => {
  it.each([
    ['any any -> any any', ''],
    ['any any <> 10.0.0.2 any', ''],
    ['any ![22,25] -> any any', ''],
    ['any any -> any any', 'ip_proto:6;'],
    ['any any -> any any', 'flowbits:set,seen;'],
    ['any any -> any any', 'xbits:set,seen,track ip_src;'],
    ['any any -> any any', 'hostbits:unset,seen;'],
  ])('matches once in each direction of a flow: %s %s', (ends, options) => {
    expect(matches(ends, options)).toBe(2);
  });

  it.each([
    ['!10.9.9.9 any -> any any', '', 12],
    ['any any -> [10.0.0.0/8,!10.0.0.1] any', '', 7],
    ['any any -> any any', 'flowbits:unset,seen;', 12],
    ['any any -> any any', 'flowbits:isnotset,seen;', 12],
  ])('matches each packet if it has a negated address, or waits for a bit: %s %s', (ends, options, count) => {
    expect(matches(ends, options)).toBe(count);
  });

  it('counts for a threshold once in each direction of a flow', () => {
    const again = tcpTalk([['>', 'a']], { client: ['10.0.0.1', 2345], server: ['10.0.0.2', 80] });
    const limit = 'track by_src, count 2, seconds 60;';
    expect(matches('any any -> any any', `threshold:type threshold, ${limit}`)).toBe(0);
    expect(matches('any any -> any any', `threshold:type threshold, ${limit}`, [...TALK, ...again])).toBe(2);
    expect(matches('any any -> any any', `detection_filter:${limit}`, [...TALK, ...again])).toBe(0);
  });

  it('matches nothing that is not IP', () => {
    const rules = `alert ip any any -> any any (sid:1;)
alert pkthdr any any -> any any (sid:2;)`;
    expect(sidsOf(rules, [ARP])).toEqual([]);
    expect(sidsOf(rules, [concat(ethernet(0x0800), ipv4(tcp()))]).sort()).toEqual([1, 2]);
  });
});
