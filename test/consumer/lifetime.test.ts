// What a consumer holds of a tap, memory and descriptors, and when it gives it back: when it leaves, when it is forgotten,
// when its thread ends.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileProgram } from '../support/c-compiler.js';
import { makeTapFolder } from '../support/pkttap.js';
import { openTap, testFolder } from '../support/taps.js';
import { until } from '../support/until.js';

const PROGRAMS = join(import.meta.dirname, '../programs');
const OFTEN = 1000;
/** So many attachments take a while on a busy machine. A watchdog, not a deadline. */
const WATCHDOG_MS = 300_000;

describe('a consumer', () => {
  it('that is forgotten is unmapped when it is collected, but not under a view that is held', async () => {
    const { tap, directory } = openTap();
    tap.start();
    await tap.ended;
    const env = { PKTTAP_DIR: directory };
    const running = makeTapFolder().spawn('node', ['--expose-gc', join(PROGRAMS, 'forget.js'), 't'], { env });
    await running.printed('holding');
    await tap.close();
    running.stdin.write('\n');
    const { stdout, stderr, status } = await running.ended;
    expect([stdout.toString(), stderr, status]).toEqual(['holding\nkept\nunmapped\n', '', 0]);
  });

  it(
    `that comes and goes ${OFTEN} times leaves nothing behind`,
    async () => {
      const { tap, directory } = openTap();
      tap.start();
      await tap.ended;
      const args = ['--expose-gc', join(PROGRAMS, 'attach-often.js'), 't', String(OFTEN)];
      const running = makeTapFolder().spawn('node', args, { env: { PKTTAP_DIR: directory } });
      const { stdout, stderr, status } = await running.ended;
      expect([stderr, status]).toEqual(['', 0]);
      const { rssBytes, ...exact } = JSON.parse(stdout.toString());
      expect(exact).toEqual({ fds: 0, maps: 0 });
      // Each time, 4 MiB were mapped: of a thousand, a few may still be on their way back to the system.
      expect(rssBytes).toBeLessThan(64 << 20);
      await until(() => tap.stats().consumers.length === 0);
    },
    WATCHDOG_MS,
  );

  it(
    `in C that comes and goes ${OFTEN} times leaves nothing behind`,
    async () => {
      const { tap, directory } = openTap();
      tap.start();
      await tap.ended;
      const program = await compileProgram('attach-often.c', testFolder());
      const running = makeTapFolder().spawn(program, ['t', String(OFTEN)], { env: { PKTTAP_DIR: directory } });
      const { stdout, stderr, status } = await running.ended;
      expect([stderr, status]).toEqual(['', 0]);
      expect(JSON.parse(stdout.toString())).toEqual({ fds: 0, maps: 0 });
      await until(() => tap.stats().consumers.length === 0);
    },
    WATCHDOG_MS,
  );
});

describe('consumers in worker threads', () => {
  it('each read everything, and one that is terminated gives back all that it had', async () => {
    const { tap, directory } = openTap({ packets: 20_000, defaultPolicy: 'lossless' });
    const program = join(PROGRAMS, 'attach-in-threads.js');
    const running = makeTapFolder().spawn('node', [program, 't', '3'], { env: { PKTTAP_DIR: directory } });
    await running.printed('attached');
    await until(() => tap.stats().consumers.length === 3);
    tap.start();
    const { stdout, stderr, status } = await running.ended;
    expect([stderr, status]).toEqual(['', 0]);
    const [, ...said] = stdout
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const all = { packets: 20_000, bytes: 2_000_000, end: 'finished' };
    expect(said).toEqual([all, all, all, 'nothing left']);
  });
});
