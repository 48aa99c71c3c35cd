import { describe, expect, it } from 'vitest';
import { HttpHeaders } from '../../../src/analyzer/app/http/http-headers.js';
import { Field } from '../../../src/analyzer/app/http/http-known-fields.js';
import { normalizedHeader } from '../../../src/analyzer/app/http/http-normalized.js';

/** Headers of these lines, each in a text of its own or all in one. */
function headersOf(lines: readonly string[], { apart = false } = {}): HttpHeaders {
  const headers = new HttpHeaders();
  const text = lines.map((line) => `${line}\r\n`).join('');
  let start = 0;
  for (const line of lines) {
    if (apart) headers.add(`${line}\r\n`, 0, line.length);
    else headers.add(text, start, start + line.length);
    start += line.length + 2;
  }
  return headers;
}

const MANY = Array.from({ length: 100 }, (_, i) => `X-${i}: ${i}`);

describe('header fields of HTTP', () => {
  it.each([false, true])('are found by their names in either case, lines apart: %s', (apart) => {
    const headers = headersOf(['HOST: a', 'User-agent :  b c\t', 'Cookie2: no', 'Server:'], { apart });
    expect(headers.get(Field.host)).toBe('a');
    expect(headers.get(Field.userAgent)).toBe('b c');
    expect(headers.get(Field.cookie)).toBeUndefined();
    expect(headers.get(Field.server)).toBe('');
    expect(headers.raw).toBe('HOST: a\r\nUser-agent :  b c\t\r\nCookie2: no\r\nServer:\r\n');
  });

  it('are one where they are repeated, and go on where they are folded', () => {
    const headers = headersOf(['Accept: a', 'X: 1', 'accept: b', 'x: 2', '  3', 'Host: h']);
    expect(headers.get(Field.accept)).toBe('a, b');
    expect(headers.get(Field.host)).toBe('h');
    expect(headers.fields).toEqual([
      { name: 'Accept', value: 'a, b' },
      { name: 'X', value: '1, 2 3' },
      { name: 'Host', value: 'h' },
    ]);
  });

  it('are no more than 1024', () => {
    const headers = headersOf(Array.from({ length: 2000 }, (_, i) => `X-${i}: ${i}`));
    expect(headers.isFull).toBe(true);
    expect(headers.fields.length).toBe(1024);
  });

  it('that are repeated 2000 times are not too many', () => {
    const headers = headersOf(Array.from({ length: 2000 }, () => 'X: 1'));
    expect(headers.isFull).toBe(false);
    expect(headers.fields.length).toBe(1);
  });

  it.each([
    { lines: ['Host: a', 'Accept: b'], header: 'Host: a\r\nAccept: b\r\n' },
    { lines: ['A:b', 'C:  d ', 'E:'], header: 'A: b\r\nC: d\r\nE: \r\n' },
    { lines: ['A: 1', 'Cookie: c', 'B: 2', 'set-cookie:d', 'C: 3'], header: 'A: 1\r\nB: 2\r\nC: 3\r\n' },
    { lines: ['A: 1', 'B: 2', 'a: 3'], header: 'A: 1, 3\r\nB: 2\r\n' },
    { lines: ['A: 1', '\tgoes on', 'no field'], header: 'A: 1 goes on\r\n: no field\r\n' },
    { lines: ['A : 1'], header: 'A: 1\r\n' },
    { lines: MANY, header: MANY.map((line) => `${line}\r\n`).join('') },
  ])('are shown to rules in one form, without cookies: $lines.0 …', ({ lines, header }) => {
    expect(normalizedHeader(headersOf(lines))).toBe(header);
  });
});
