// What the kernel keeps a consumer from doing with the memory it was given, as root and as a user without any privilege, and
// who gets that far at all.

import { chmodSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/control/codec.js';
import { AS_NOBODY, whyNoNobody } from '../support/nobody.js';
import { HELLO } from '../support/raw-peer.js';
import { run } from '../support/run.js';
import { openTap, range, sequencesOf } from '../support/taps.js';

const ATTACK = join(import.meta.dirname, '../programs/attack.py');
const CONSUME = join(import.meta.dirname, '../programs/consume.js');
const NOBODY = 65_534;

/** The system's, which every user may run, before one that is somebody's own. */
const PYTHON = ['/usr/bin/python3', 'python3'].find((path) => existsSync(path)) ?? 'python3';

const noNobody = await whyNoNobody();

interface Attack {
  readonly uid: number;
  readonly ring: Record<string, string>;
  readonly 'ring, reopened': Record<string, string>;
  readonly cursor: Record<string, string>;
  readonly 'descriptors of the tap': string;
  readonly 'cursor inode': number;
}

async function attack(path: string, prefix: readonly string[] = []): Promise<Attack> {
  const hello = Buffer.from(encode(HELLO)).toString('hex');
  const [command, ...args] = [...prefix, PYTHON, ATTACK, path, hello];
  const { stdout, stderr } = await run(command!, args);
  expect(stderr).toBe('');
  return JSON.parse(stdout.toString()) as Attack;
}

const IMPOSSIBLE_WITH_RING = {
  'map writable': expect.stringMatching(/^E(ACCES|PERM)$/),
  'make a read-only mapping writable': expect.stringMatching(/^E(ACCES|PERM)$/),
  write: expect.stringMatching(/^E(BADF|PERM)$/),
  shrink: expect.stringMatching(/^E(INVAL|PERM)$/),
  grow: expect.stringMatching(/^E(INVAL|PERM)$/),
  'punch a hole': expect.stringMatching(/^E(BADF|PERM)$/),
  'seal further': 'EPERM',
};
const IMPOSSIBLE_WITH_CURSOR = { shrink: 'EPERM', grow: 'EPERM', 'seal further': 'EPERM' };

describe('a consumer', () => {
  it('cannot change the ring, even as root, and the tap goes on', async () => {
    const { tap, attach } = openTap();
    const honest = await attach();
    const report = await attack(tap.path);
    expect(report.ring).toEqual(IMPOSSIBLE_WITH_RING);
    expect(report['ring, reopened']).toEqual(IMPOSSIBLE_WITH_RING);
    expect(report.cursor).toEqual(IMPOSSIBLE_WITH_CURSOR);
    tap.start();
    expect(await sequencesOf(honest)).toEqual(range(0, 100));
  });

  it('gets a cursor of its own', async () => {
    const { tap } = openTap();
    const [first, second] = [await attack(tap.path), await attack(tap.path)];
    expect(first['cursor inode']).not.toBe(second['cursor inode']);
  });

  it('without privilege can do no more, and cannot reach what others were given', async (context) => {
    if (noNobody) return context.skip(noNobody);
    const { tap } = openTap({ allowUsers: [String(NOBODY)] });
    letThrough(tap.path);
    const report = await attack(tap.path, ['setpriv', ...AS_NOBODY]);
    expect(report.uid).toBe(NOBODY);
    expect(report.ring).toEqual(IMPOSSIBLE_WITH_RING);
    expect(report['ring, reopened']).toEqual(IMPOSSIBLE_WITH_RING);
    expect(report.cursor).toEqual(IMPOSSIBLE_WITH_CURSOR);
    expect(report['descriptors of the tap']).toBe('EACCES');
  });
});

describe("a stranger's process", () => {
  const attachAsNobody = async (directory: string) => {
    const { stdout } = await run('setpriv', [...AS_NOBODY, 'node', CONSUME, 't', JSON.stringify({ directory })]);
    return JSON.parse(stdout.toString().trim().split('\n').at(-1)!) as object;
  };

  it('cannot reach the socket', async (context) => {
    if (noNobody) return context.skip(noNobody);
    const { directory } = openTap();
    chmodSync(dirname(directory), 0o755);
    expect(await attachAsNobody(directory)).toMatchObject({ code: 'ERR_TAP_PERMISSION' });
  });

  it('is refused when somebody widened the modes', async (context) => {
    if (noNobody) return context.skip(noNobody);
    const refused: string[] = [];
    const { tap, directory } = openTap({ events: { onRefuse: (why) => refused.push(why) } });
    letThrough(tap.path);
    chmodSync(directory, 0o755);
    chmodSync(tap.path, 0o666);
    const report = await attachAsNobody(directory);
    expect(report).toMatchObject({ code: 'ERR_TAP_REFUSED' });
    expect(refused).toEqual([expect.stringContaining(`uid=${NOBODY}`)]);
    expect(tap.stats().consumers).toEqual([]);
  });

  for (const option of ['allowUsers', 'allowGroups'] as const) {
    it(`is let in by ${option}`, async (context) => {
      if (noNobody) return context.skip(noNobody);
      const { tap, directory } = openTap({ [option]: [String(NOBODY)] });
      letThrough(tap.path);
      tap.stop();
      expect(await attachAsNobody(directory)).toMatchObject({ end: 'stopped' });
    });
  }

  it('finds a tap of root by its name, beside those in its own folder', async (context) => {
    if (noNobody) return context.skip(noNobody);
    const name = `t-${process.pid}`;
    const { tap } = openTap({ name, directory: '/run/pkttap', allowUsers: [String(NOBODY)] });
    tap.stop();
    const env = { PKTTAP_DIR: '', XDG_RUNTIME_DIR: '/nowhere' };
    const { stdout } = await run('setpriv', [...AS_NOBODY, 'node', CONSUME, name], { env });
    expect(JSON.parse(stdout.toString().trim().split('\n').at(-1)!)).toMatchObject({ end: 'stopped' });
  });
});

/** Other users may pass through the test's own folder: what keeps them out is the tap's. */
function letThrough(path: string): void {
  chmodSync(dirname(dirname(path)), 0o755);
}
