import { describe, expect, it } from 'vitest';
import { translatePcre } from '../../../src/analyzer/rules/pcre.js';

const NONE = {
  ignoreCase: false,
  multiline: false,
  dotAll: false,
  extended: false,
  anchored: false,
  dollarEndOnly: false,
  ungreedy: false,
};

const find = (pattern: string, subject: string, flags: Partial<typeof NONE> = {}) =>
  translatePcre(pattern, { ...NONE, ...flags }).exec(subject)?.[0];

describe('an expression of PCRE', () => {
  it.each([
    ['a.c', 'a\rc', 'a\rc'],
    ['a.c', 'a\nc', undefined],
    ['\\x41\\x{42}\\103', 'ABC', 'ABC'],
    ['[[:alpha:]_]+', '1ab_2', 'ab_'],
    ['[^\\s"]+', '" \x0bab', 'ab'],
    ['\\Qa.b\\E+', 'a.bbb', 'a.bbb'],
    ['^ab$', 'ab\n', 'ab\n'],
    ['\\Aab\\z', 'ab\n', undefined],
    ['(?P<n>a)b(?P=n)', 'aba', 'aba'],
    ['(a)(b)\\2\\1', 'abba', 'abba'],
    ['a{,2}', 'a{,2}', 'a{,2}'],
    ['\\S+\\D', 'ab1', 'ab'],
    ['(?#nothing)a', 'a', 'a'],
    ['[]a]+', 'a]', 'a]'],
    ['\\/\\-\\.\\"', '/-."', '/-."'],
    ['a|b', 'b', 'b'],
  ])('%s finds in %j %j', (pattern, subject, found) => {
    expect(find(pattern, subject)).toBe(found);
  });

  it('folds ASCII letters only', () => {
    expect(find('AbC[d-f]\\x67', 'aBcEG', { ignoreCase: true })).toBe('aBcEG');
    expect(find('\\xe9', '\xc9', { ignoreCase: true })).toBeUndefined();
    expect(find('a(?i)b(?-i:c)d', 'aBcD')).toBe('aBcD');
    expect(find('a(?i:b)c', 'aBC')).toBeUndefined();
  });

  it('knows its flags', () => {
    expect(find('^b$', 'a\nb\nc', { multiline: true })).toBe('b');
    expect(find('a.b', 'a\nb', { dotAll: true })).toBe('a\nb');
    expect(find(' a b # c', 'ab', { extended: true })).toBe('ab');
    expect(find('b', 'ab', { anchored: true })).toBeUndefined();
    expect(find('a$', 'a\n', { dollarEndOnly: true })).toBeUndefined();
    expect(find('a+', 'aaa', { ungreedy: true })).toBe('a');
  });

  it.each(['a++', '(?>a)', '(?R)', '(?(1)a|b)', 'a\\K', '\\Ga', '[[:nope:]]', '[a', '(a', 'a\\', '(?|a)', '(*FAIL)'])(
    'is refused where there is no equal: %s',
    (pattern) => {
      expect(() => find(pattern, '')).toThrow(/^pcre: /);
    },
  );

  it('that could take for ever without backtracking being bounded is refused', () => {
    expect(() => find('(?=x)(a+)+b', '')).toThrow('look-around');
    expect(() => find('(a)\\1(?:b*c*)*', '')).toThrow('look-around');
    expect(find('(?:a+b)+', 'aabab')).toBe('aabab');
  });
});
