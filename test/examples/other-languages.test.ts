// The examples in C and Python do what they say, on the demo capture, as tshark sees it; the C ones compile without a warning
// by each compiler, as C and as C++.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMPILERS, compileBy } from '../support/c-compiler.js';
import { EXAMPLES, replayFor } from '../support/examples.js';
import { DEMO_PACKETS, DEMO_PCAPNG, makeTapFolder } from '../support/pkttap.js';
import { output } from '../support/run.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pkttap-examples-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a consumer says of the demo. */
async function tryOut(program: string, ...args: readonly string[]): Promise<string> {
  const taps = makeTapFolder();
  await replayFor(taps);
  const { stdout, stderr, status } = await taps.spawn(program, args).ended;
  expect([stderr, status]).toEqual(['', 0]);
  return stdout.toString();
}

/** How often each line is there. */
function tally(text: Buffer): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.toString().trimEnd().split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

describe.each(COMPILERS)('the example in C, by $name as $standard', (compiler) => {
  it('counts the packets of each flow', async () => {
    const program = join(folder, compiler.name);
    expect(await compileBy(compiler, join(EXAMPLES, 'c/count_flows.c'), program)).toBe('');
    const lines = (await tryOut(program, 't')).trimEnd().split('\n');
    expect(lines.length).toBe(11);
    expect(lines.at(-1)).toMatch(new RegExp(`^\\d+ flows, ${DEMO_PACKETS} packets, 0 missed, 0 not counted$`));
    const streams = await output('tshark', ['-r', DEMO_PCAPNG, '-Y', 'tcp', '-T', 'fields', '-e', 'tcp.stream']);
    const most = Math.max(...tally(streams).values());
    expect(Number(/packets (\d+)/.exec(lines[0]!)![1])).toBe(most);
  });
});

describe('the example in Python', () => {
  it('counts the packets of each EtherType', async () => {
    const shim = join(folder, 'libpkttap_shim.so');
    const flags = ['-O2', '-shared', '-fPIC'];
    for (const compiler of COMPILERS.filter(({ language }) => language === 'c'))
      expect(await compileBy(compiler, join(EXAMPLES, 'python/pkttap_shim.c'), shim, flags)).toBe('');
    const said = await tryOut('python3', join(EXAMPLES, 'python/ethertypes.py'), 't', shim);
    const types = await output('tshark', ['-r', DEMO_PCAPNG, '-T', 'fields', '-E', 'occurrence=f', '-e', 'eth.type']);
    const expected = [...tally(types)].map(([type, count]) => `${type} ${count}`);
    expect(said.trimEnd().split('\n').sort()).toEqual(expected.sort());
  });
});
