// Holds what every file of the project has in common: its name, its size, its opening words.

import { describe, expect, it } from 'vitest';
import { filesUnder, textOf, trackedFiles } from './tree.js';

const typescript = ['src', 'test', 'bench'].flatMap(filesUnder).filter((path) => path.endsWith('.ts'));
const native = ['native', 'include'].flatMap(filesUnder).filter((path) => /\.(cc|cpp|c|h|hpp)$/.test(path));

const MAX_LINES = 400;

const TOP_LEVEL = [
  '.ci',
  '.dockerignore',
  '.gitignore',
  '.npmrc',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'Dockerfile',
  'LICENSE',
  'README.md',
  'bench',
  'bin',
  'biome.json',
  'docs',
  'examples',
  'fixtures',
  'include',
  'native',
  'package-lock.json',
  'package.json',
  'rolldown.config.ts',
  'scripts',
  'src',
  'test',
  'tsconfig.json',
  'vitest.config.ts',
];

describe('source files', () => {
  it('have names in kebab-case, and C++ files in snake_case', () => {
    const name = (path: string) => path.split('/').at(-1)!;
    expect(typescript.filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?\.ts$/.test(name(path)))).toEqual([]);
    expect(native.filter((path) => !/^[a-z0-9]+(_[a-z0-9]+)*\.[a-z]+$/.test(name(path)))).toEqual([]);
  });

  it('open with a comment that says what they guarantee', () => {
    // A C++ source's header, where it has one, speaks for both.
    const spokenFor = (path: string) => path.endsWith('.cc') && native.includes(path.replace(/cc$/, 'h'));
    const ours = [
      ...typescript.filter((path) => path.startsWith('src/')),
      ...native.filter((path) => !spokenFor(path)),
    ];
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter((path) => !/^\/[/*]/.test(textOf(path)))).toEqual([]);
  });

  it(`have at most ${MAX_LINES} lines`, () => {
    const lines = (path: string) => textOf(path).split('\n').length - 1;
    expect([...typescript, ...native].filter((path) => lines(path) > MAX_LINES)).toEqual([]);
  });

  it('of native/ know of Node in binding/ only', () => {
    const includesNode = /#\s*include\s*[<"](napi|node_api|js_native_api|node|v8|uv)\b/;
    const knowing = native.filter((path) => includesNode.test(textOf(path)));
    expect(knowing.filter((path) => !path.startsWith('native/binding/'))).toEqual([]);
  });
});

describe('tracked files', () => {
  const tracked = trackedFiles();

  it('lie in the known entries of the top level', (context) => {
    if (!tracked) return context.skip('not a git checkout');
    const entries = new Set(tracked.map((path) => path.split('/')[0]!));
    expect([...entries].filter((entry) => !TOP_LEVEL.includes(entry))).toEqual([]);
  });

  it('hold no marks of a merge that nobody finished', (context) => {
    if (!tracked) return context.skip('not a git checkout');
    const mark = /^(?:<{7}|>{7}) /m;
    expect(mark.test(`${'<'.repeat(7)} HEAD`)).toBe(true);
    expect(tracked.filter((path) => mark.test(textOf(path)))).toEqual([]);
  });

  it("hold no path of somebody's home or work folder", (context) => {
    if (!tracked) return context.skip('not a git checkout');
    const machinePath = /(?<![\w.~$}-])\/(?:home|Users|root|work)\/[A-Za-z0-9._-]+/;
    expect(machinePath.test(`cp "${'/home'}/me/x"`)).toBe(true);
    expect(tracked.filter((path) => machinePath.test(textOf(path)))).toEqual([]);
  });
});
