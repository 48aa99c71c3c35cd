import { describe, expect, it } from 'vitest';
import { linktypeDescription, linktypeName } from '../../src/packet/linktype.js';
import { corpusFiles, corpusPresent } from '../support/corpus.js';
import { run } from '../support/run.js';

describe('a linktype', () => {
  it('has the name and description that tcpdump prints', () => {
    expect(linktypeName(1)).toBe('EN10MB');
    expect(linktypeDescription(1)).toBe('Ethernet');
    expect(linktypeName(276)).toBe('LINUX_SLL2');
  });

  it('is named by its LINKTYPE number, where DLT numbers differ', () => {
    expect([12, 14, 101].map(linktypeName)).toEqual(['RAW', 'RAW', 'RAW']);
    expect([100, 11].map(linktypeName)).toEqual(['ATM_RFC1483', 'ATM_RFC1483']);
  });

  it('without a name shows its number', () => {
    expect(linktypeName(8224)).toBe('LINKTYPE_8224');
    expect(linktypeDescription(8224)).toBe('LINKTYPE_8224');
  });

  it('has the same name as in tcpdump, for every one of the corpus that tcpdump names', async (context) => {
    if (!corpusPresent) return context.skip('no corpus');
    const numbers = [...new Set(corpusFiles('valid').flatMap((file) => file.linktypes))];
    const named: string[] = [];
    for (const number of numbers) {
      const name = await tcpdumpName(number);
      if (name === undefined) continue;
      named.push(name);
      expect(linktypeName(number)).toBe(name);
    }
    expect(named).toContain('EN10MB');
    expect(named.length).toBeGreaterThan(30);
  });
});

/** The name in tcpdump's opening line for an empty capture of this linktype; undefined where it has only the number. */
async function tcpdumpName(linktype: number): Promise<string | undefined> {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(linktype, 20);
  const { stderr } = await run('tcpdump', ['-n', '-r', '-'], { input: header });
  return /link-type (\w*[A-Z]\w*) \(/.exec(stderr)?.[1];
}
