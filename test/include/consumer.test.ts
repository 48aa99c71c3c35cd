// include/pkttap.h as a consumer: a program in C attached to a real tap, in a process of its own, sees what a consumer in
// TypeScript sees, waits as it does, and tells the same ends apart.

import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TapError } from '../../src/errors.js';
import { ReplaySource } from '../../src/source/replay.js';
import { COMPILERS, compileBy, compileProgram } from '../support/c-compiler.js';
import { consume, reportOf } from '../support/c-consumer.js';
import { corpusPresent } from '../support/corpus.js';
import { corpusGroups } from '../support/corpus-groups.js';
import { codeBlocks } from '../support/markdown.js';
import { DEMO_PCAPNG, makeTapFolder } from '../support/pkttap.js';
import { numberedSavefile, openTap, RINGFUL } from '../support/taps.js';
import { until } from '../support/until.js';

const PROGRAMS = join(import.meta.dirname, '../programs');

let programs: string;
let program: string;

beforeAll(async () => {
  programs = mkdtempSync(join(tmpdir(), 'pkttap-c-'));
  program = await compileProgram('consume.c', programs);
});
afterAll(() => rmSync(programs, { recursive: true }));

describe('include/pkttap.h with PKTTAP_CONSUMER', () => {
  it.each(COMPILERS)('compiles without a warning: $name, $standard', async (compiler) => {
    const source = join(PROGRAMS, 'consume.c');
    for (const flags of [['-O0'], ['-O2']])
      expect(await compileBy(compiler, source, join(programs, `consume-${compiler.name}`), flags)).toBe('');
  });

  it('has examples on our pages that compile', async () => {
    const blocks = codeBlocks('c');
    expect(blocks.length).toBeGreaterThan(1);
    for (const { page, code } of blocks) {
      const source = join(programs, 'example.c');
      const includes = code.split('\n').filter((line) => line.startsWith('#'));
      const body = code.split('\n').filter((line) => !line.startsWith('#'));
      const whole = code.includes('int main') ? code : [...includes, 'int main(void) {', ...body, '}', ''].join('\n');
      writeFileSync(source, whole);
      expect(await compileBy(COMPILERS[0]!, source, join(programs, 'example')), page).toBe('');
    }
  });

  const captures = corpusPresent ? corpusGroups(1000).map(({ name, paths }) => ({ name, paths })) : [];
  it.each([{ name: 'the demo', paths: [DEMO_PCAPNG] }, ...captures])(
    'sees what TypeScript sees, bit for bit: $name',
    async ({ paths }) => {
      const folder = makeTapFolder();
      const replay = folder.start(['replay', '-t', '--wait-for', '2', '--tap', 't', ...paths]);
      await replay.said('waiting for 2 consumers');
      const inC = folder.spawn(program, ['t']);
      const inTypeScript = folder.spawn('node', [join(PROGRAMS, 'digest.js'), 't']);
      const { digest, packets, end } = JSON.parse((await inTypeScript.ended).stdout.toString());
      expect(await reportOf(inC)).toMatchObject({
        digest,
        packets,
        end,
        delivered: packets,
        torn: 0,
        missed: 0,
        lag: 0,
      });
      expect([end, (await replay.ended).status]).toEqual(['finished', 0]);
      expect(packets).toBeGreaterThan(0);
    },
  );
});

describe('a consumer in C', () => {
  it('that does not let go of its packets holds up a lossless tap, and loses none', async () => {
    const { tap, directory } = openTap({ packets: 3 * RINGFUL, defaultPolicy: 'lossless' });
    const running = consume(program, directory, 't', 'lossless', 'now', '10');
    await running.printed('attached');
    tap.start();
    await running.printed('holding');
    await until(() => tap.stats().published > RINGFUL / 2);
    expect(tap.stats().published).toBeLessThan(RINGFUL + 1);
    running.stdin.write('\n');
    expect(await reportOf(running)).toMatchObject({
      packets: 3 * RINGFUL,
      torn: 0,
      first: 0,
      missed: 0,
      lag: 0,
      end: 'finished',
      policy: 'lossless',
    });
    expect(tap.stats().published).toBe(3 * RINGFUL);
  });

  it('that is lapped knows exactly how many packets it missed', async () => {
    const { tap, directory } = openTap({ packets: 5 * RINGFUL });
    const running = consume(program, directory, 't', 'lossy', 'now', '10');
    await running.printed('attached');
    tap.start();
    await tap.ended;
    await running.printed(/holding|digest/);
    running.stdin.write('\n');
    const { packets, missed, lag, end } = await reportOf(running);
    expect([packets + missed, lag, end]).toEqual([5 * RINGFUL, 0, 'finished']);
    expect(missed).toBeGreaterThan(0);
  });

  it('starts at the oldest packet that is there', async () => {
    const { tap, directory } = openTap({ packets: 3 * RINGFUL });
    tap.start();
    await tap.ended;
    const { packets, first, missed } = await reportOf(consume(program, directory, 't', 'lossy', 'oldest'));
    expect([packets + first, missed]).toEqual([3 * RINGFUL, 0]);
    expect(packets).toBeGreaterThan(RINGFUL / 2);
  });

  it('sleeps until packets come, and is seen with its name and counts', async () => {
    const { tap, directory } = openTap({ packets: 50, replay: { pace: { kind: 'pps', rate: 1000 } } });
    const running = consume(program, directory, 't');
    await running.printed('attached');
    expect(tap.stats().consumers).toMatchObject([{ name: 'in C', pid: running.pid, delivered: 0, lag: 0 }]);
    tap.start();
    expect(await reportOf(running)).toMatchObject({ packets: 50, end: 'finished' });
    await until(() => tap.stats().consumers.length === 0);
  });

  it('that stalls for too long is made lossy', async () => {
    const { tap, directory } = openTap({ packets: 3 * RINGFUL, defaultPolicy: 'lossless', stallTimeoutMs: 50 });
    const running = consume(program, directory, 't', 'lossless', 'now', '10');
    await running.printed('attached');
    tap.start();
    await tap.ended;
    running.stdin.write('\n');
    const { packets, missed, end } = await reportOf(running);
    expect([packets + missed, end]).toEqual([3 * RINGFUL, 'finished']);
    expect(missed).toBeGreaterThan(0);
  });

  it('learns that the tap was stopped', async () => {
    const { tap, directory } = openTap({ replay: { loops: 0, pace: { kind: 'pps', rate: 1000 } } });
    const running = consume(program, directory, 't');
    await running.printed('attached');
    tap.start();
    tap.stop();
    expect(await reportOf(running)).toMatchObject({ end: 'stopped', code: '', packets: tap.stats().published });
  });

  it('learns what the source failed of, after its last whole packet', async () => {
    const path = numberedSavefile(100);
    truncateSync(path, readFileSync(path).length - 1);
    const { tap, directory } = openTap({ source: new ReplaySource([path], { pace: { kind: 'topspeed' } }) });
    const running = consume(program, directory, 't');
    await running.printed('attached');
    tap.start();
    const { error } = await tap.ended;
    expect(error).toBeInstanceOf(TapError);
    const report = await reportOf(running);
    expect(report).toMatchObject({
      packets: 99,
      end: 'failed',
      code: 'ERR_TAP_SOURCE_FAILED',
      message: error!.message,
    });
  });

  it('gets all that a tap had published that was killed, and learns that it died', async () => {
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '-p', '1000', '-l', '0', '--wait-for', '1', '--tap', 't', DEMO_PCAPNG]);
    await replay.said('waiting for 1 consumer');
    const running = consume(program, folder.taps, 't');
    await folder.untilStats('t', ({ published }) => published > 100);
    replay.signal('SIGKILL');
    const { packets, lag, end, code } = await reportOf(running);
    expect([lag, end, code]).toEqual([0, 'failed', 'ERR_TAP_DIED']);
    expect(packets).toBeGreaterThan(100);
  });

  it.each([
    ['a tap that is not there', ['nobody'], 'ERR_TAP_UNKNOWN_TAP', 'no tap called nobody: path='],
    ['what is no name', ['no body'], 'ERR_TAP_UNKNOWN_TAP', 'not a name for a tap: no body'],
    ['the socket of a tap that is not there', ['/nonexistent/x.sock'], 'ERR_TAP_UNKNOWN_TAP', '/nonexistent/x.sock'],
    ['a path that is too long', [`/${'x'.repeat(200)}`], 'ERR_TAP_SYSTEM', "can't connect"],
    ['a tap that waits for nobody', ['t', 'lossless'], 'ERR_TAP_REFUSED', 'this tap waits for no consumer'],
  ])('is told why it can not attach to %s', async (_, args, code, message) => {
    const { directory } = openTap({ defaultPolicy: 'lossy' });
    const report = await reportOf(consume(program, directory, ...args));
    expect(report).toMatchObject({ end: 'none', packets: 0, code });
    expect(report.message).toContain(message);
  });
});
