import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, parseRule } from '../../../src/analyzer/rules/parse-rule.js';
import type { Rule } from '../../../src/analyzer/rules/rule.js';
import { joinRuleSets, parseRules } from '../../../src/analyzer/rules/rule-file.js';

const HEADER = 'alert tcp any any -> any any';

const parse = (text: string, variables = {}): Rule =>
  parseRule(text, { ...DEFAULT_SETTINGS, variables }, { file: 'x.rules', line: 1 });
const withOptions = (options: string) => parse(`${HEADER} (${options} sid:1;)`);

const v4 = (text: string) => {
  const number = text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return (i: number) => (i === 0 ? number : 0);
};

describe('a rule', () => {
  it('says what it is', () => {
    const rule = withOptions(
      'msg:"a\\; \\"b\\""; rev:7; gid:3; classtype:trojan-activity; reference:url,example.org/a; metadata:a b, a c, d; target:src_ip; noalert;',
    );
    expect(rule).toMatchObject({
      action: 'alert',
      sid: 1,
      rev: 7,
      gid: 3,
      msg: 'a; "b"',
      category: 'A Network Trojan was detected',
      priority: 1,
      references: ['url,example.org/a'],
      metadata: { a: ['b', 'c'], d: [''] },
      target: 'src_ip',
      noalert: true,
    });
  });

  it('applies a modifier to the last content, whatever was asked since', () => {
    const [chain] = withOptions('tls.sni; content:"A.Example"; bsize:9; nocase; startswith;').chains;
    expect(chain!.steps[0]).toMatchObject({ bytes: Uint8Array.from(Buffer.from('a.example')), nocase: true, depth: 9 });
  });

  it('takes its contents in order, each with its modifiers', () => {
    const [chain] = withOptions(
      'content:!"A|0d 0A|b\\"c"; nocase; depth:9; offset:2; content:"x"; distance:-1; within:5;',
    ).chains;
    expect(chain!.steps).toMatchObject([
      { bytes: Uint8Array.from(Buffer.from('a\r\nb"c')), negated: true, nocase: true, depth: 9, offset: 2 },
      { bytes: Uint8Array.of(120), distance: -1, within: 5 },
    ]);
  });

  it('looks into buffers named before their contents, or behind them', () => {
    const named = (rule: Rule) => rule.chains.map(({ buffer, steps }) => [buffer, steps.length]);
    const sticky = withOptions(
      'http.uri; content:"a"; content:"b"; http.host; dotprefix; content:"c"; pkt_data; content:"d";',
    );
    expect(named(sticky)).toEqual([
      ['http.uri', 2],
      ['http.host', 1],
      ['', 1],
    ]);
    expect(sticky.header.appProtocol).toBe('http');
    const old = withOptions('content:"F"; http_cookie; nocase; pcre:"/x/Ui"; content:"G"; http_uri;');
    expect(named(old)).toEqual([
      ['http.cookie', 1],
      ['http.uri', 2],
    ]);
    expect(old.chains[0]!.steps[0]).toMatchObject({ nocase: true, bytes: Uint8Array.of(0x66) });
  });

  it('has addresses and ports with variables, lists and negation', () => {
    const { header } = parse(
      'alert tcp $HOME any -> [10.0.0.0/8,!10.1.0.0/16,2001:db8::/32] [80:90,!85,1000:] (sid:1;)',
      {
        HOME: '[192.0.2.1,192.0.2.8-192.0.2.9]',
      },
    );
    expect([header.source.has(4, v4('192.0.2.9')), header.source.has(4, v4('192.0.2.2'))]).toEqual([true, false]);
    expect([header.dest.has(4, v4('10.2.0.1')), header.dest.has(4, v4('10.1.0.1'))]).toEqual([true, false]);
    expect(header.dest.has(6, (i) => [0x20010db8, 0, 0, 1][i]!)).toBe(true);
    expect(header.dest.has(6, () => 0)).toBe(false);
    expect([80, 85, 91, 65_535].map((port) => header.destPorts.has(port))).toEqual([true, false, false, true]);
  });

  it('takes negated addresses from what is of their kind, and of the other kind only what is named', () => {
    const { header } = parse('alert ip !$HOME any -> [192.0.2.1,!2001:db8::/32] any (sid:1;)', { HOME: '10.0.0.0/8' });
    const loopback = (i: number) => (i === 3 ? 1 : 0);
    expect([header.source.has(4, v4('192.0.2.9')), header.source.has(4, v4('10.0.0.9'))]).toEqual([true, false]);
    expect(header.source.has(6, loopback)).toBe(false);
    expect([header.dest.has(4, v4('192.0.2.1')), header.dest.has(4, v4('192.0.2.2'))]).toEqual([true, false]);
    expect([header.dest.has(6, loopback), header.dest.has(6, () => 0x20010db8)]).toEqual([true, false]);
  });

  it.each([
    ['content:"abc"; depth:2;', 'depth 2 is less'],
    ['content:"";', 'content is empty'],
    ['content:"a|0|";', 'pairs of hexadecimal digits'],
    ['nocase;', 'nocase without a content'],
    ['lua:x.lua;', 'keyword lua is not known'],
    ['byte_test:1,>,x,0;', 'x is neither'],
    ['flow:sideways;', 'flow: sideways'],
    ['http.uri; content:"a"; dns.query; content:"b";', 'different protocols'],
    ['classtype:nope;', 'classtype nope'],
    ['threshold:type limit, track by_moon, count 1, seconds 1;', 'track by_moon'],
    ['pcre:"/(a/";', 'pcre: '],
    ['sid:0;', 'sid must be'],
  ])('is refused with the reason: %s', (options, reason) => {
    expect(() => withOptions(options)).toThrow(reason);
  });

  it.each([
    ['alert ftp any any -> any any (sid:1;)', 'protocol ftp'],
    ['alert tcp any any => any any (sid:1;)', '=> is no direction'],
    ['alert tcp any -> any any (sid:1;)', 'header of 6 words'],
    ['alert tcp $NOPE any -> any any (sid:1;)', '--set NOPE='],
    ['alert tcp 10.0.0.0/33 any -> any any (sid:1;)', '/33'],
    ['alert tcp any 99999 -> any any (sid:1;)', '99999'],
    ['alert tcp any any -> any any', 'no options'],
    ['alert tcp any any -> any any (msg:"x";)', 'no sid'],
  ])('is refused for its header: %s', (text, reason) => {
    expect(() => parse(text)).toThrow(reason);
  });

  it('whose variables go round in circles is refused', () => {
    expect(() => parse('alert tcp $A any -> any any (sid:1;)', { A: '$B', B: '[$A]' })).toThrow('too deep');
  });
});

describe('a file of rules', () => {
  it('gives those it can, and names the others with line and reason', () => {
    const { rules, refused } = parseRules(
      `# a comment\n\n${HEADER} (sid:1;)\n${HEADER} ( \\\n  nope; sid:2;)\r\n${HEADER} (sid:3;)\n`,
      'x.rules',
    );
    expect(rules.map(({ sid, line }) => [sid, line])).toEqual([
      [1, 3],
      [3, 6],
    ]);
    expect(refused).toEqual([{ file: 'x.rules', line: 4, sid: 2, reason: 'keyword nope is not known' }]);
  });

  it('keeps the higher revision of a sid that comes twice', () => {
    const sets = [1, 3, 2].map((rev) => parseRules(`${HEADER} (sid:1; rev:${rev};)`, `${rev}.rules`));
    const { rules, refused } = joinRuleSets(sets);
    expect(rules.map(({ rev }) => rev)).toEqual([3]);
    expect(refused.map(({ file }) => file)).toEqual(['1.rules', '2.rules']);
  });
});
