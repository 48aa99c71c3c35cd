// A tap's name: one tap at a time has it, whoever is killed and however many start at once.

import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { core } from '../../src/native/core.js';
import { claimName, releaseName } from '../../src/tap/name-claim.js';
import { makeTapFolder } from '../support/pkttap.js';
import { numberedSavefile, testFolder } from '../support/taps.js';
import { until } from '../support/until.js';

const RUN_TAP = join(import.meta.dirname, '../programs/run-tap.js');

const claim = (path: string, fields: { gid?: number; open?: boolean; owner?: number } = {}) =>
  claimName({ path, gid: fields.gid, open: fields.open ?? false, owner: fields.owner });

const DAEMON = 1;
const ADM = 4;
const noRoot = process.getuid?.() === 0 ? undefined : 'needs root, to make files of other users';

/** What happens to names in a folder from now on, until events() is called. */
function watchFolder(folder: string) {
  const seen: [string, string | null][] = [];
  const watcher = watch(folder, (event, name) => seen.push([event, name]));
  const events = async () => {
    // The kernel's queue is in order: what came before has been told when this is.
    writeFileSync(join(folder, 'last'), '');
    await until(() => seen.some(([, name]) => name === 'last'));
    watcher.close();
    return seen;
  };
  return { events };
}

describe('a name', () => {
  it('is a socket that its owner and group may use, in a folder that they may enter', () => {
    const path = join(testFolder(), 'taps', 'a.sock');
    const listener = claim(path);
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o750);
    releaseName(path);
    core().closeFd(listener);
    expect(existsSync(path)).toBe(false);
  });

  it('is open to all where the tap checks who comes', () => {
    const path = join(testFolder(), 'taps', 'a.sock');
    const listener = claim(path, { open: true });
    expect(statSync(path).mode & 0o777).toBe(0o666);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o751 | 0o011);
    core().closeFd(listener);
  });

  it('appears once all may connect who should, and so does its folder', async (context) => {
    if (noRoot) return context.skip(noRoot);
    const folder = testFolder();
    chmodSync(folder, 0o755);
    const taps = join(folder, 'taps');
    const whole = watchFolder(folder);
    const listener = claim(join(taps, 'a.sock'), { gid: ADM, owner: DAEMON, open: true });
    const inner = watchFolder(taps);
    const other = claim(join(taps, 'b.sock'), { gid: ADM, owner: DAEMON, open: true });
    const roots = claim(join(folder, 'c.sock'), { gid: ADM, owner: DAEMON });
    // One event each, that of its name: none of modes or owners that change afterwards.
    const found = await whole.events();
    for (const shown of ['taps', 'c.sock'])
      expect(found.filter(([, name]) => name === shown)).toEqual([['rename', shown]]);
    expect((await inner.events()).filter(([, name]) => name === 'b.sock')).toEqual([['rename', 'b.sock']]);
    expect(readdirSync(folder).toSorted()).toEqual(['.lock', 'c.sock', 'last', 'taps']);
    expect(readdirSync(taps).toSorted()).toEqual(['.lock', 'a.sock', 'b.sock', 'last']);
    for (const fd of [listener, other, roots]) core().closeFd(fd);
  });

  it('replaces what a tap left that was killed while its socket was being made', () => {
    const path = join(testFolder(), 'a.sock');
    core().closeFd(core().listen(join(dirname(path), '.a.new'), 0o600));
    const listener = claim(path);
    expect(readdirSync(dirname(path)).toSorted()).toEqual(['.lock', 'a.sock']);
    core().closeFd(listener);
  });

  it('is refused while its owner lives, naming it', () => {
    const path = join(testFolder(), 'a.sock');
    const listener = claim(path);
    expect(() => claim(path)).toThrow(expect.objectContaining({ code: 'ERR_TAP_NAME_IN_USE', path }));
    expect(() => claim(path)).toThrow(`pid=${process.pid}`);
    core().closeFd(listener);
  });

  it('is taken over from an owner that is gone', () => {
    const path = join(testFolder(), 'a.sock');
    core().closeFd(claim(path));
    expect(existsSync(path)).toBe(true);
    const listener = claim(path);
    core().closeFd(core().connect(path));
    core().closeFd(listener);
  });

  it('is not taken from a file that is no socket', () => {
    const path = join(testFolder(), 'a.sock');
    writeFileSync(path, 'precious');
    expect(() => claim(path)).toThrow(expect.objectContaining({ code: 'ERR_TAP_NAME_IN_USE' }));
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('is refused in a folder that cannot be made', () => {
    expect(() => claim('/dev/null/taps/a.sock')).toThrow(expect.objectContaining({ code: 'ERR_TAP_SYSTEM' }));
  });

  it.each(['/proc/pkttap/taps/a.sock', '/sys/pkttap/a.sock'])(
    'is refused in a folder where none can be: %s',
    (path) => {
      expect(() => claim(path)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^ERR_TAP_(SYSTEM|PERMISSION)$/) }),
      );
    },
  );

  it('goes to the user that the tap will be, with the folders that have to be made for it', (context) => {
    if (noRoot) return context.skip(noRoot);
    for (const mode of [0o755, 0o700]) {
      const folder = testFolder();
      // That user may pass through, or be kept out above: then the socket is made by root, and still the user's.
      chmodSync(folder, mode);
      const path = join(folder, 'above', 'taps', 'a.sock');
      const listener = claim(path, { owner: DAEMON, gid: ADM });
      for (const made of [path, dirname(path), dirname(dirname(path))])
        expect(statSync(made)).toMatchObject({ uid: DAEMON, gid: ADM });
      core().closeFd(listener);
    }
  });

  it("leaves a folder of root's as it is, and gives away the socket alone", (context) => {
    if (noRoot) return context.skip(noRoot);
    const folder = testFolder();
    const listener = claim(join(folder, 'a.sock'), { owner: DAEMON });
    expect(statSync(join(folder, 'a.sock')).uid).toBe(DAEMON);
    expect(statSync(folder).uid).toBe(0);
    core().closeFd(listener);
  });

  it("in a folder of another user's is made as that user, whom no link leads further than it may go itself", (context) => {
    if (noRoot) return context.skip(noRoot);
    const folder = testFolder();
    chmodSync(folder, 0o755);
    const secret = join(folder, 'secret');
    writeFileSync(secret, '', { mode: 0o600 });
    const taps = join(folder, 'taps');
    mkdirSync(taps);
    chownSync(taps, DAEMON, DAEMON);
    const path = join(taps, 'a.sock');
    const listener = claim(path, { gid: ADM });
    expect(statSync(path)).toMatchObject({ uid: DAEMON, gid: ADM });
    expect(statSync(path).mode & 0o777).toBe(0o660);
    core().closeFd(listener);
    symlinkSync(join(folder, 'made-by-root.sock'), join(taps, 'b.sock'));
    symlinkSync(secret, join(taps, 'c.sock'));
    for (const name of ['b.sock', 'c.sock'])
      expect(() => claim(join(taps, name), { gid: ADM, owner: DAEMON })).toThrow();
    expect(existsSync(join(folder, 'made-by-root.sock'))).toBe(false);
    expect(statSync(secret)).toMatchObject({ uid: 0, gid: 0 });
    expect(statSync(secret).mode & 0o777).toBe(0o600);
    // It was for that moment only.
    writeFileSync(join(folder, 'ours'), '');
    expect(statSync(join(folder, 'ours'))).toMatchObject({ uid: 0, gid: 0 });
  });

  it('is refused where its path is longer than the address of a socket', () => {
    const path = join(testFolder(), 'x'.repeat(120), 'a.sock');
    expect(() => claim(path)).toThrow(/longer than 107 bytes/);
  });

  it('has exactly one owner when many taps start at once', async () => {
    const folder = makeTapFolder();
    const file = numberedSavefile(1);
    for (let round = 0; round < 5; round++) {
      const options = JSON.stringify({ waitFor: 99, directory: folder.taps });
      const taps = Array.from({ length: 4 }, () => folder.spawn('node', [RUN_TAP, 't', file, options]));
      await Promise.all(taps.map((tap) => tap.printed('\n')));
      const winners = taps.filter(({ stdout }) => stdout.includes('open'));
      const losers = taps.filter(({ stdout }) => stdout.includes('ERR_TAP_NAME_IN_USE'));
      expect([winners.length, losers.length]).toEqual([1, 3]);
      for (const { stdout } of losers) expect(stdout).toContain(`pid=${winners[0]!.pid}`);
      // Killed, it leaves a socket behind for the next round.
      winners[0]!.signal('SIGKILL');
      await Promise.all(taps.map(({ ended }) => ended));
    }
  });
});
