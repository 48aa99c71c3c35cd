// Holds the direction of dependencies between the rooms of src/, so that the design's drawing stays true.

import { describe, expect, it } from 'vitest';
import { importsOf, namesFrom, withoutComments } from './imports.js';
import { LAYERS, objection, PROCESS_FACTS, roomOf } from './rooms.js';
import { filesUnder, textOf } from './tree.js';

const sources = filesUnder('src').filter((path) => path.endsWith('.ts'));

describe('the rooms of src/', () => {
  it('import downwards only, and packages only where they belong', () => {
    const objections = sources.flatMap((path) => importsOf(textOf(path)).map((target) => objection(path, target)));
    expect(sources.length).toBeGreaterThan(0);
    expect(objections.filter(Boolean)).toEqual([]);
  });

  it('are the rooms of the design', () => {
    const known = [...LAYERS.flat(), 'index'];
    expect(sources.map(roomOf).filter((room) => !known.includes(room))).toEqual([]);
  });

  it('leave the process to the command line, but for a few facts about it', () => {
    const libraries = sources.filter((path) => roomOf(path) !== 'cli');
    const taken = libraries.map((path) => [path, ...namesFrom(textOf(path), 'node:process')]);
    expect(libraries.filter((path) => /\bprocess\s*[.[]/.test(withoutComments(textOf(path))))).toEqual([]);
    expect(taken.filter(([, ...names]) => names.some((name) => !PROCESS_FACTS.includes(name)))).toEqual([]);
  });

  it('leave loading native modules to src/native', () => {
    const loaders = sources.filter((path) => /\.node['"`]|\bdlopen\b/.test(withoutComments(textOf(path))));
    expect(loaders.filter((path) => roomOf(path) !== 'native')).toEqual([]);
  });
});

describe('the rules', () => {
  it.each([
    ['src/tap/tap.ts', '../consumer/consumer.js'],
    ['src/consumer/consumer.ts', '../tap/tap.js'],
    ['src/ring/reader.ts', '../tap/session.js'],
    ['src/ring/reader.ts', '../native/core.js'],
    ['src/ring/reader.ts', 'node:fs'],
    ['src/savefile/sniff.ts', '../ring/layout.js'],
    ['src/analyzer/analyzer.ts', '../packet/layers.js'],
    ['src/packet/layers.ts', '../index.js'],
    ['src/index.ts', './cli/main.js'],
    ['src/source/live.ts', '../../native/build/Release/core.node'],
    ['src/packet/layers.ts', 'node:process'],
    ['src/ring/reader.ts', 'msgpackr'],
    ['src/sink/file.ts', 'left-pad'],
    ['src/tap/tap.ts', '../errors'],
    ['src/tap/tap.ts', '(computed)'],
  ])('object to %s importing %s', (path, specifier) => {
    expect(objection(path, specifier)).toContain(specifier);
  });

  it.each([
    ['src/cli/capture.ts', '../tap/tap.js'],
    ['src/cli/main.ts', 'node:process'],
    ['src/analyzer/analyzer.ts', '../index.js'],
    ['src/analyzer/analyzer.ts', './flow-table.js'],
    ['src/tap/tap.ts', '../source/live.js'],
    ['src/control/codec.ts', 'msgpackr'],
    ['src/index.ts', './errors.js'],
    ['src/packet/packet-view.ts', '../errors.js'],
  ])('let %s import %s', (path, specifier) => {
    expect(objection(path, specifier)).toBeUndefined();
  });

  it('see every kind of import, and none in a comment', () => {
    const code = `
      import { a } from './a.js'; // import './no.js'
      import type {
        B,
      } from './b.js';
      import './c.js';
      export * from './d.js';
      /* import { e } from './no.js'; */
      const url = 'http://x'; const f = await import('./f.js');
      type G = import('./g.js').G;
      const h = require('./h.js');
      await import(url);
    `;
    const found = ['a', 'b', 'c', 'd', 'f', 'g', 'h'].map((name) => `./${name}.js`);
    expect(importsOf(code).sort()).toEqual(['(computed)', ...found]);
  });

  it('see what is taken of a module', () => {
    const take = (code: string) => namesFrom(code, 'node:process');
    expect(take("import { env, type Signals, exit as leave } from 'node:process';")).toEqual([
      'env',
      'Signals',
      'exit',
    ]);
    expect(take("import process from 'node:process';")).toEqual(['*']);
    expect(take("import { env } from 'node:os';")).toEqual([]);
  });
});
