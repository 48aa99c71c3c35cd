import { describe, expect, it } from 'vitest';
import { NO_PCRE_FLAGS, translatePcre } from '../../../src/analyzer/rules/pcre.js';
import { mayTakeForEver } from '../../../src/analyzer/rules/pcre-cost.js';

describe('an expression', () => {
  it.each([
    '(?!.{0,20}x)[a-z]+(?:\\.[a-z]+)*$',
    '(?!(?:[a-z0-9-]+\\.)*google\\.com)',
    '(?:[^\\r\\n]*\\r\\n)*?\\r\\nMZ',
    '(?:[a-z]+=[^&\\r\\n]*&)+x=',
    '(?:\\s*"[^"]+"\\s*,)+\\s*(\\d)\\1',
    '(?:(?!<)[^])+<',
    '(?:[^"]|\\x5c")*"',
    '(?:%(?:25)?20|\\+){1,7}',
    '(?:ab|cd|[ef])*',
    '(?:(?:ab|cd)+x)+',
    '(?:a+){1,3}',
  ])('whose rounds can be told apart ends: %s', (source) => {
    expect(mayTakeForEver(source)).toBe(false);
  });

  it.each([
    '(?:[a-z]+)+$',
    '(?:a*a*b)+',
    '(?:(?:a*){3}b)+',
    '(?:a{1,3})+',
    '(?:a|aa)+',
    '(?:[a-z]|[0-9a-f])*',
    '(?:[a-z]+|[0-9]+)*',
    '(?:a?b?)+',
    '(?:.+,)+',
    '(?=(?:a+)+b)',
    '(?:(?:a|b){30})+',
    '(a)(?:\\1+b?)+',
    '(?:x+[xy])+',
  ])('whose rounds can not might not: %s', (source) => {
    expect(mayTakeForEver(source)).toBe(true);
  });

  it('that looks around is taken if it ends, and finds what it should', () => {
    const expression = translatePcre('^Host\\x3a\\x20(?!(?:[a-z-]+\\.)*good\\.example)', {
      ...NO_PCRE_FLAGS,
      multiline: true,
    });
    expect(expression.test('A: b\nHost: a.b.bad.example')).toBe(true);
    expression.lastIndex = 0;
    expect(expression.test('A: b\nHost: a.b.good.example')).toBe(false);
    expect(() => translatePcre('(?!x)(?:a|aa)+$', NO_PCRE_FLAGS)).toThrow('could take for ever');
  });
});
