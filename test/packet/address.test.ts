import { isIPv6, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIPv4, formatIPv6, formatMac } from '../../src/packet/address.js';
import { makePacket } from '../../src/packet/packet-view.js';
import { hex } from '../support/frames.js';

const text6 = (bytes: string) => formatIPv6(makePacket({ data: hex(bytes) }), 0);

describe('formatIPv4', () => {
  it('prints dotted decimals from any offset', () => {
    const packet = makePacket({ data: hex('00 0a0000ff c0a80101') });
    expect(formatIPv4(packet, 1)).toBe('10.0.0.255');
    expect(formatIPv4(packet, 5)).toBe('192.168.1.1');
  });

  it('refuses an address that is not wholly captured', () => {
    expect(() => formatIPv4(makePacket({ data: hex('0a0000') }), 0)).toThrow(RangeError);
  });
});

describe('formatIPv6', () => {
  it.each([
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000000000000000000001', '2001:db8::1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010000000000010000000000000001', '2001:0:0:1::1'],
    ['00010000000000000000000000000000', '1::'],
    ['fe800000000000000200fffffe000001', 'fe80::200:ffff:fe00:1'],
    ['00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
    ['000000000000000000000000c0000201', '::192.0.2.1'],
  ])('prints %s as %s (RFC 5952)', (bytes, expected) => {
    expect(text6(bytes)).toBe(expected);
  });

  it('gives back the address that it was given, for any address', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (data) => {
        const text = formatIPv6(makePacket({ data }), 0);
        expect(isIPv6(text)).toBe(true);
        expect(new SocketAddress({ address: text, family: 'ipv6' }).address).toBe(text);
        expect(groupsOf(text)).toEqual(Array.from({ length: 8 }, (_, i) => (data[2 * i]! << 8) | data[2 * i + 1]!));
      }),
      { seed: 1 },
    );
  });
});

describe('formatMac', () => {
  it('prints as many bytes as it is asked for', () => {
    const packet = makePacket({ data: hex('020000000a0b0c') });
    expect(formatMac(packet, 0)).toBe('02:00:00:00:0a:0b');
    expect(formatMac(packet, 5, 2)).toBe('0b:0c');
  });
});

/** The eight numbers of an IPv6 address in text. */
function groupsOf(text: string): number[] {
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts) => {
    const [a, b, c, d] = parts.slice(0, 4).map(Number) as [number, number, number, number];
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head, tail] = plain.split('::').map((half) => half.split(':').filter(Boolean));
  if (tail === undefined) return head!.map((group) => Number.parseInt(group, 16));
  const zeros = Array.from({ length: 8 - head!.length - tail.length }, () => '0');
  return [...head!, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
}
