// The page about rules: it names every keyword that can be used, and none that can't.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ALIASES, BUFFERS, MODIFIERS } from '../../src/analyzer/rules/buffers.js';
import { parseRules } from '../../src/analyzer/rules/rule-file.js';

const PAGE = readFileSync('docs/rules.md', 'utf8');
const LANGUAGE = PAGE.slice(PAGE.indexOf('## The language'), PAGE.indexOf('## What is not there'));
const MISSING = PAGE.slice(PAGE.indexOf('## What is not there'), PAGE.indexOf('## Beside Suricata'));
/** Behind their rows: protocols, words that are values, commands. */
const KEYWORD_ROWS = LANGUAGE.split('\n').filter((line) => /^\| (?!part|---|actions|protocols|addresses)/.test(line));

function keywordsIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => [...line.matchAll(/`([a-z][\w.-]*)`/g)].map(([, name]) => name!));
}

/** Whether the keyword is taken, whatever its value should be. */
function isTaken(name: string): boolean {
  const { refused } = parseRules(`alert tcp any any -> any any (${name}:1; sid:1;)`, 'x.rules');
  const reason = refused[0]?.reason ?? '';
  return !reason.startsWith(`keyword ${name}: `) && reason !== `keyword ${name} is not known`;
}

describe('the page about rules', () => {
  it('names no keyword that is refused as such', () => {
    const names = keywordsIn(KEYWORD_ROWS);
    expect(names.length).toBeGreaterThan(150);
    expect(names.filter((name) => !isTaken(name))).toEqual([]);
  });

  it('names every buffer, or has a word for all of its kind', () => {
    const olderNames = new Set([...Object.keys(ALIASES), ...Object.keys(MODIFIERS)]);
    const names = new Set(keywordsIn(KEYWORD_ROWS));
    expect(Object.keys(BUFFERS).filter((name) => !names.has(name) && !olderNames.has(name))).toEqual([]);
  });

  it('counts as missing only what is', () => {
    const names = keywordsIn(MISSING.split('\n').map((line) => line.split('|')[2] ?? ''));
    expect(names.length).toBeGreaterThan(25);
    expect(names.filter(isTaken)).toEqual([]);
  });

  it('adds up what is missing to what Suricata has', () => {
    const counts = [...MISSING.matchAll(/^\| (\d+) \|/gm)].map(([, count]) => Number(count));
    const [, all, taken] = /has (\d+) names, of which (\d+) are taken/.exec(MISSING) ?? [];
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(Number(all) - Number(taken));
  });
});
