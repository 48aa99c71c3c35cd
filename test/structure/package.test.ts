// Holds what a user of the package meets: what it contains, that installing it runs nothing, that the API is documented.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportsOf, isDocumented } from './exports.js';
import { ROOT, textOf } from './tree.js';

interface PackageJson {
  exports: Record<string, { types: string } | string>;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const manifest = JSON.parse(textOf('package.json')) as PackageJson;

describe('the package', () => {
  it('runs nothing when it is installed', () => {
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
    expect(hooks.filter((hook) => hook in manifest.scripts)).toEqual([]);
    // A binding.gyp at the root would make npm compile it, as if there were an install script.
    expect(existsSync(join(ROOT, 'binding.gyp'))).toBe(false);
  });

  it('names the exact version of every package that it needs', () => {
    const { dependencies, optionalDependencies, devDependencies } = manifest;
    const versions = Object.entries({ ...dependencies, ...optionalDependencies, ...devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('contains what running and building it need, and nothing else', () => {
    const files = packedFiles();
    expect(files).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'bin/pkttap.js',
        'dist/index.d.ts',
        'dist/bundle/index.js',
        'examples/top-talkers.ts',
        'include/pkttap.h',
        'include/pkttap/consumer.h',
        'native/binding.gyp',
        'package.json',
        'scripts/build-native',
      ]),
    );
    const unwanted = /^(src|test|bench|fixtures|\.ci|\.setup|native\/build)\/|\.tsbuildinfo$|\.(pcap|pcapng|node|o)$/;
    expect(files.filter((path) => unwanted.test(path))).toEqual([]);
  });
});

describe('the public API', () => {
  it('has a doc comment before each of its declarations', () => {
    const entries = Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? [] : entry.types));
    const exported = entries.flatMap((path) => exportsOf(path.replace('./dist/', 'src/').replace('.d.ts', '.ts')));
    expect(exported.length).toBeGreaterThan(0);
    const bare = exported.filter((declaration) => !isDocumented(declaration));
    expect(bare.map(({ path, name }) => `${path}: ${name}`)).toEqual([]);
  });
});

function packedFiles(): string[] {
  const npm = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8' });
  expect(npm.status, npm.stderr).toBe(0);
  const [pack] = JSON.parse(npm.stdout) as [{ files: { path: string }[] }];
  return pack.files.map((file) => file.path);
}
