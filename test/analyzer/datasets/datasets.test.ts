import { describe, expect, it } from 'vitest';
import { Dataset } from '../../../src/analyzer/datasets/dataset.js';
import { type DatasetFiles, Datasets } from '../../../src/analyzer/datasets/datasets.js';
import { DEFAULT_SETTINGS } from '../../../src/analyzer/rules/parse-rule.js';
import { parseRules } from '../../../src/analyzer/rules/rule-file.js';
import { sidsOf } from '../../support/alerts.js';
import { bytesOf, tcpTalk } from '../../support/talks.js';

const LARGE = 1 << 20;
const HELLO = 'aGVsbG8=';

/** Files by path. */
function files(texts: Readonly<Record<string, string>>): DatasetFiles {
  const read = (path: string) => {
    if (texts[path] === undefined) throw new Error('ENOENT');
    return texts[path];
  };
  return { read, readState: (path) => texts[path], target: (path, from) => `${from}/${path}` };
}

function refusalOf(options: string, texts = {}): string | undefined {
  const settings = { ...DEFAULT_SETTINGS, datasets: new Datasets(files(texts)) };
  return parseRules(`alert http any any -> any any (${options} sid:1;)`, 'x.rules', settings).refused[0]?.reason;
}

const agents = (...names: readonly string[]) =>
  names.flatMap((name, i) =>
    tcpTalk([['>', `GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: ${name}\r\n\r\n`]], {
      client: ['10.0.0.1', 5000 + i],
      server: ['10.0.0.2', 80],
    }),
  );

describe('a dataset', () => {
  it.each([
    ['string', HELLO, 'hello'],
    ['md5', '5d41402abc4b2a76b9719d911017c592', '\x5d\x41\x40\x2a\xbc\x4b\x2a\x76\xb9\x71\x9d\x91\x10\x17\xc5\x92'],
    ['ipv4', '10.0.0.1', '\x0a\x00\x00\x01'],
    ['ip', '10.0.0.1', '\x0a\x00\x00\x01'],
    ['ip', '2001:db8:0:0:0:0:0:1', `\x20\x01\x0d\xb8${'\x00'.repeat(11)}\x01`],
  ] as const)('of type %s reads and writes %s', (type, line, bytes) => {
    const set = new Dataset(type, LARGE);
    expect(set.addLine(line)).toBe(true);
    expect(set.has(bytesOf(bytes))).toBe(true);
    expect(set.has(bytesOf(`${bytes}x`))).toBe(false);
    const again = new Dataset(type, LARGE);
    for (const text of set.lines()) expect(again.addLine(text)).toBe(true);
    expect(again.has(bytesOf(bytes))).toBe(true);
  });

  it.each([
    ['string', 'not base64!'],
    ['md5', 'abcd'],
    ['sha256', '5d41402abc4b2a76b9719d911017c592'],
    ['ipv4', '2001:db8::1'],
    ['ip', '10.0.0'],
    ['string', `${HELLO},-1`],
    ['string', `${HELLO},65536`],
    ['string', `${HELLO},1,2`],
  ] as const)('of type %s has no %s', (type, line) => {
    expect(new Dataset(type, LARGE).addLine(line)).toBe(false);
  });

  it('takes an address that is mapped into IPv6 for what it is', () => {
    const set = new Dataset('ip', LARGE);
    set.addLine('::ffff:10.0.0.1,7');
    expect(set.reputation(bytesOf('\x0a\x00\x00\x01'))).toBe(7);
  });

  it('adds what is new, removes what is there, and stays within its memory', () => {
    const set = new Dataset('string', 140);
    expect([set.add(bytesOf('a')), set.add(bytesOf('a')), set.add(bytesOf('b'))]).toEqual([true, false, true]);
    expect(set.add(bytesOf('c'))).toBe(false);
    expect([set.remove(bytesOf('a')), set.remove(bytesOf('a')), set.add(bytesOf('c'))]).toEqual([true, false, true]);
  });
});

describe('rules with datasets', () => {
  it('ask for values, and add what they have not seen, when all the rest matches', () => {
    const settings = { ...DEFAULT_SETTINGS, datasets: new Datasets(files({ 'known.lst': `# known\n${HELLO}\n\n` })) };
    const rules = `alert http any any -> any any (http.user_agent; dataset:isset,known,type string,load known.lst; sid:1;)
      alert http any any -> any any (http.user_agent; dataset:set,new,type string,save new.lst; http.method; content:"GET"; sid:2;)
      alert http any any -> any any (http.user_agent; dataset:set,none,type string,save none.lst; http.method; content:"PUT"; sid:3;)`;
    expect(sidsOf(rules, agents('hello', 'other', 'hello'), settings)).toEqual([1, 2, 2, 1]);
    expect(settings.datasets.saved()).toEqual([
      { path: 'x.rules/new.lst', lines: [HELLO, Buffer.from('other').toString('base64')] },
      { path: 'x.rules/none.lst', lines: [] },
    ]);
  });

  it('read a file of values anew with the rules, but keep what was added', () => {
    const texts: Record<string, string> = { 'known.lst': HELLO };
    const settings = { ...DEFAULT_SETTINGS, datasets: new Datasets(files(texts)) };
    const rules = `alert http any any -> any any (http.user_agent; dataset:isset,known,type string,load known.lst; sid:1;)
      alert http any any -> any any (http.user_agent; dataset:set,new,type string,state new.lst; sid:2;)`;
    expect(sidsOf(rules, agents('hello'), settings)).toEqual([1, 2]);
    texts['known.lst'] = '';
    settings.datasets.beginAnew();
    expect(sidsOf(rules, agents('hello'), settings)).toEqual([]);
  });

  it.each([
    ['dataset:isset,a,type string;', 'dataset without a sticky buffer'],
    ['http.host; dataset:maybe,a,type string;', 'maybe is none of'],
    ['http.host; dataset:isset,a;', 'dataset a has no type'],
    ['http.host; dataset:isset,a,type float;', 'type float is none of'],
    ['http.host; dataset:isset,a,type string,load no.lst;', "no.lst can't be read: ENOENT"],
    ['http.host; dataset:isset,a,type md5,load bad.lst;', 'bad.lst:2: no value of type md5'],
    ['http.host; dataset:isset,a,type string,state x,save y;', 'state together with'],
    ['http.host; dataset:isset,a,type string,memcap lots;', 'memcap lots'],
    ['http.host; dataset:isset,a,type string,colour red;', 'colour is no option'],
    ['http.host; dataset:isset,a,type string; dataset:isset,a,type md5;', 'dataset a is of type string'],
    ['http.host; datarep:a,>=,1,type string;', '>= is none of'],
    ['http.host; datarep:a,>,70000,type string;', '70000 is more than'],
  ])('are refused with the reason: %s', (options, reason) => {
    expect(refusalOf(options, { 'bad.lst': '5d41402abc4b2a76b9719d911017c592\nabc\n' })).toContain(reason);
  });
});
