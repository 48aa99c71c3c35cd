import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Candidates } from '../../../src/analyzer/detect/candidates.js';
import { PacketGroup } from '../../../src/analyzer/detect/packet-group.js';
import { PatternFinder } from '../../../src/analyzer/detect/pattern-finder.js';
import { WordMemory } from '../../../src/analyzer/detect/word-memory.js';
import type { Rule } from '../../../src/analyzer/rules/rule.js';
import { parseRules } from '../../../src/analyzer/rules/rule-file.js';

const PORTS = ['any', '80', '!80', '[80,8080]', '1024:', ':1023', '[1:70,80]', '!443', '[20:30,!25]', '65535', '0'];
const CONTENTS = ['', 'content:"abcdefgh";', 'content:"abc";', 'content:"abcde"; depth:6;', 'content:"b"; depth:2;'];
const PAYLOAD = Buffer.from('xabcdefgh');

function rulesWith(headers: readonly (readonly [string, string, string])[]): readonly Rule[] {
  const lines = headers.map(
    ([from, to, content], i) => `alert tcp any ${from} -> any ${to} (${content} sid:${i + 1};)`,
  );
  return parseRules(lines.join('\n'), 'x.rules').rules;
}

/** Rules that the group finds for a packet. */
function found(group: PacketGroup, rules: readonly Rule[], from: number, to: number): number[] {
  const candidates = new Candidates(rules.length);
  const memory = new WordMemory(PAYLOAD.length);
  memory.load(PAYLOAD);
  const part = group.part(from, to);
  part.addOthers(to, candidates);
  part.find(memory, 0, PAYLOAD.length, candidates);
  return Array.from({ length: candidates.take() }, (_, i) => candidates.at(i));
}

const header = fc.tuple(fc.constantFrom(...PORTS), fc.constantFrom(...PORTS), fc.constantFrom(...CONTENTS));
const port = fc.oneof(fc.constantFrom(0, 25, 79, 80, 81, 443, 1023, 1024, 8080, 65_535), fc.nat(65_535));

describe('the rules for packets, grouped by ports', () => {
  it('have each that the ports and the payload allow, in order and once', () => {
    fc.assert(
      fc.property(fc.array(header, { maxLength: 40 }), port, port, (headers, from, to) => {
        const rules = rulesWith(headers);
        const wanted = [...rules.keys()].filter((i) => {
          const { sourcePorts, destPorts } = rules[i]!.header;
          const isThere = headers[i]![2] !== 'content:"b"; depth:2;';
          return sourcePorts.has(from) && destPorts.has(to) && isThere;
        });
        const indices = found(new PacketGroup(rules, [...rules.keys()]), rules, from, to);
        expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
        expect(indices).toEqual(expect.arrayContaining(wanted));
      }),
      { seed: 20_261_121 },
    );
  });

  it('leave out those whose ports most rules share, where the packet has others', () => {
    const rules = rulesWith([
      ['any', '80', CONTENTS[1]!],
      ['any', '!80', CONTENTS[1]!],
    ]);
    const group = new PacketGroup(rules, [0, 1]);
    expect(found(group, rules, 5, 80)).toEqual([0]);
    expect(found(group, rules, 5, 81)).toEqual([1]);
  });
});

describe('the finder of patterns', () => {
  it('looks for what must end early in the beginning only, the bytes before these among it', () => {
    const finder = new PatternFinder([{ bytes: Buffer.from('ab'), id: 0, endBefore: 5 }]);
    const ids = (text: string, from: number) => {
      const all = new Set<number>();
      finder.findIn(Buffer.from(text), from, all);
      return [...all];
    };
    expect(ids('xxxab', 0)).toEqual([0]);
    expect(ids('xxxxab', 0)).toEqual([]);
    expect(ids('xxxab', 3)).toEqual([0]);
    expect(ids('xxxab', 5)).toEqual([]);
  });
});
