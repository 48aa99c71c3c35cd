import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { matchSteps } from '../../../src/analyzer/detect/chain-match.js';
import { DEFAULT_SETTINGS, parseRule } from '../../../src/analyzer/rules/parse-rule.js';

function matches(options: string, payload: string): boolean {
  const rule = parseRule(`alert tcp any any -> any any (${options} sid:1;)`, DEFAULT_SETTINGS, { file: 'x', line: 1 });
  return rule.chains.every(({ steps }) => matchSteps(steps, Buffer.from(payload, 'latin1'), new Map()));
}

describe('steps on a payload', () => {
  it.each([
    ['content:"abc";', 'xxabc', true],
    ['content:"abc";', 'xxABC', false],
    ['content:"aBc"; nocase;', 'xxAbC', true],
    ['content:!"abc";', 'xxab', true],
    ['content:"b"; depth:1;', 'ab', false],
    ['content:"b"; offset:1; depth:1;', 'ab', true],
    ['content:"a"; offset:1;', 'ab', false],
    ['content:"a"; startswith; content:"d"; endswith;', 'abcd', true],
    ['content:"a"; endswith;', 'ab', false],
    ['content:"a"; content:"b"; distance:1;', 'ab-b', true],
    ['content:"a"; content:"b"; distance:1; within:1;', 'a--b', false],
    ['content:"a"; content:"b"; within:2;', 'a-b', true],
    ['content:"a"; content:"c"; distance:0; within:1;', 'ab ac', true],
    ['content:"a"; content:!"b"; within:1;', 'ab', false],
    ['content:"b"; content:"a"; distance:-2; within:1;', 'ab', true],
    ['content:"a"; isdataat:2,relative;', 'a12', true],
    ['content:"a"; isdataat:3,relative;', 'a12', false],
    ['content:"a"; isdataat:!1,relative;', 'xa', true],
    ['isdataat:3;', 'abc', false],
    ['isdataat:!3;', 'abc', true],
    ['pcre:"/a(b+)c/";', 'abbc', true],
    ['pcre:"/ABC/i";', 'xabc', true],
    ['pcre:!"/a/";', 'b', true],
    ['content:"a"; pcre:"/^b/R";', 'xab', true],
    ['pcre:"/a./s"; content:"c"; within:1;', 'abac', false],
    ['pcre:"/a./s"; content:"c"; within:1;', 'ababc', true],
    ['byte_test:2,>,255,0;', '\x01\x00', true],
    ['byte_test:2,=,1,0,little;', '\x01\x00', true],
    ['byte_test:1,&,0x80,0;', '\x80', true],
    ['byte_test:1,!&,0x80,0;', '\x80', false],
    ['byte_test:3,=,123,0,string,dec;', '123', true],
    ['byte_test:2,=,0x1f,0,string,hex;', '1f', true],
    ['byte_test:1,=,15,0,bitmask 0xf0;', '\xf3', true],
    ['byte_test:4,>,0,1;', 'abcd', false],
    ['content:"a"; byte_test:1,=,2,1,relative;', 'xa\x00\x02', true],
    ['content:"a"; byte_jump:1,0,relative; content:"z"; within:1;', 'a\x02--z', true],
    ['byte_jump:1,0; isdataat:!1,relative;', '\x02ab', true],
    ['byte_jump:1,0,from_beginning; content:"a"; within:1;', '\x01a', true],
    ['byte_jump:1,0,align; content:"z"; within:1;', '\x01----z', true],
    ['byte_jump:1,0,multiplier 2,post_offset -1; content:"z"; within:1;', '\x01-z', true],
    ['byte_extract:1,0,n; content:"z"; offset:n;', '\x03z-', false],
    ['byte_extract:1,0,n; content:"z"; offset:n;', '\x02-z', true],
    ['byte_extract:1,0,n; byte_test:1,=,n,1;', '\x02\x02', true],
    ['bsize:3;', 'abc', true],
    ['bsize:2<>4; content:"a";', 'abc', true],
    ['bsize:>3;', 'abc', false],
  ])('%s on %j: %s', (options, payload, expected) => {
    expect(matches(options, payload)).toBe(expected);
  });

  it('read no number whose length, out of the bytes, is beyond all numbers', () => {
    const many = `\xff\xff${'9'.repeat(70_000)}`;
    expect(matches('byte_extract:2,0,n; byte_test:n,&,1,2;', many)).toBe(false);
    expect(matches('byte_extract:2,0,n; byte_test:n,&,1,2,string,dec;', many)).toBe(false);
  });

  it('end on an expression made to run for ever, with the engine that the command line asks for', () => {
    setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
    expect(matches('pcre:"/^(?:\\w+\\s?)+$/i";', `${'a'.repeat(200)}!`)).toBe(false);
  });

  it('are given up on a payload made to be tried over and over', () => {
    const options = Array.from({ length: 12 }, () => 'content:"a"; distance:0;').join(' ');
    expect(matches(`content:"a"; ${options} content:"b"; distance:0;`, 'a'.repeat(5000))).toBe(false);
  });
});
