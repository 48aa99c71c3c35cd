// Lines of events as bytes: the same text that JSON.stringify would give, in whole lines, whatever is in them.

import { describe, expect, it } from 'vitest';
import { eveText } from '../../../src/analyzer/app/text.js';
import { EveWriter } from '../../../src/analyzer/eve/eve-writer.js';
import { Fragment } from '../../../src/analyzer/eve/fragment.js';
import { eveTime } from '../../../src/analyzer/eve/time.js';
import { ipv4Text, ipv6Text } from '../../../src/index.js';
import { linesTo } from '../../support/event-lines.js';

/** The one line that is written, without its line break. */
function written(write: (out: EveWriter) => void): string {
  const lines: string[] = [];
  const out = new EveWriter(linesTo((line) => lines.push(line)));
  out.begin();
  write(out);
  out.end();
  out.flush();
  expect(lines).toHaveLength(1);
  return lines[0]!;
}

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const TEXTS: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from('plain'),
  Buffer.from('"quotes" and \\ and \u007f'),
  Buffer.from('Grüße, ✓, 𝄞, \u2028'),
  Buffer.from('bad \xff here', 'latin1'),
  ALL_BYTES.subarray(0, 128),
  ALL_BYTES,
];

describe('numbers', () => {
  it.each([
    0,
    9,
    10,
    99,
    100,
    999,
    1000,
    1007,
    65_535,
    99_999,
    100_000,
    999_999,
    1_000_000,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    999_999_999,
    1_000_000_000,
    1_000_007_000,
    1_000_000_000_007,
    999_999_999_999_999,
    2 ** 53 - 1,
    -1,
    -(2 ** 40),
    1.5,
    1e21,
  ])('%d is written as JSON has it', (value) => {
    expect(written((out) => out.number(value))).toBe(String(value));
  });
});

describe('strings', () => {
  it.each(TEXTS.map((bytes) => [bytes.toString('latin1'), bytes] as const))('%j is escaped', (text, bytes) => {
    expect(written((out) => out.string(text))).toBe(JSON.stringify(text));
    expect(written((out) => out.latin1(text))).toBe(JSON.stringify(eveText(text)));
    expect(written((out) => out.bytes(bytes))).toBe(JSON.stringify(eveText(text)));
  });

  it('may be a part of the bytes', () => {
    expect(written((out) => out.bytes(Buffer.from('abc"def'), 2, 5))).toBe('"c\\"d"');
  });
});

describe('times and addresses', () => {
  it.each([
    [0, 0],
    [1_700_000_000, 123_456_789],
    [1_700_000_000, 999],
    [253_402_300_800, 999_999_999],
  ])('the time %d.%d is what a date says', (sec, nsec) => {
    expect(written((out) => out.time(sec, nsec))).toBe(eveTime(sec, nsec));
  });

  it('addresses with any pattern of zero groups are written in the one form that is allowed', () => {
    for (let pattern = 0; pattern < 256; pattern++) {
      const word = (at: number) => ((pattern >> at) & 1) * 0x12340000 + ((pattern >> (at + 1)) & 1) * 0xab;
      const [a, b, c, d] = [word(0), word(2), word(4), word(6)];
      expect(written((out) => out.ipv6(a, b, c, d))).toBe(ipv6Text(a, b, c, d));
    }
  });

  it.each([0, 0x0a000001, 0xffffffff, 0x7f000001, 0x01c80a63])('the address %d is written with dots', (address) => {
    expect(written((out) => out.ipv4(address))).toBe(ipv4Text(address));
  });

  it.each([
    [0, 0, 0, 0],
    [0x20010db8, 0, 0, 1],
    [0, 0, 0xffff, 0x0a000001],
    [0xfe800000, 0, 0x00010002, 0x00030004],
    [0, 0, 0, 0xffff],
    [0, 0, 0, 0x10000],
    [0, 0, 0xfffe, 1],
    [0, 1, 0, 0],
    [1, 0, 1, 0],
    [0x00010000, 0x00010000, 0x00010000, 0x00010000],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0x00ff0fff, 0x000f0001, 0x10000100, 0x00100001],
    [0x20010db8, 0, 0x00010000, 0],
  ])('the address %d, %d, %d, %d is written in the one form that is allowed', (a, b, c, d) => {
    expect(written((out) => out.ipv6(a, b, c, d))).toBe(ipv6Text(a, b, c, d));
  });
});

describe('records', () => {
  const OPEN = new Fragment('{');

  it('have no comma behind their last member, and may have none', () => {
    const line = written((out) => {
      out.put(OPEN);
      out.members({ one: [1, 'two'], left: undefined, three: { four: null } });
      out.ascii('"list":[');
      out.closeArray();
      out.closeObject();
    });
    expect(JSON.parse(line)).toEqual({ one: [1, 'two'], three: { four: null }, list: [] });
    const empty = written((out) => {
      out.put(OPEN);
      out.closeObject();
    });
    expect(empty).toBe('{}');
  });

  it('that were not ended have never been', () => {
    const lines: string[] = [];
    const out = new EveWriter(linesTo((line) => lines.push(line)));
    out.begin();
    out.ascii('whole');
    out.end();
    out.begin();
    out.ascii('half a li');
    out.begin();
    out.ascii('next');
    out.end();
    out.ascii('rest');
    out.flush();
    expect(lines).toEqual(['whole', 'next']);
  });

  it('are handed over in whole lines, however long they are and however many', () => {
    const lines: string[] = [];
    const out = new EveWriter(linesTo((line) => lines.push(line)));
    const texts = Array.from({ length: 400 }, (_, i) => 'x'.repeat(i % 50 === 49 ? 300_000 : i));
    for (const text of texts) {
      out.begin();
      out.string(text);
      out.end();
    }
    expect(lines.length).toBeGreaterThan(300);
    out.flush();
    out.flush();
    expect(lines).toEqual(texts.map((text) => JSON.stringify(text)));
  });
});
