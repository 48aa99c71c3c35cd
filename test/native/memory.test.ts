// What the native core accepts from another process: memory that is what it must be, messages that came whole. Everything
// else is an error that leaves no descriptor open.

import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { core } from '../../src/native/core.js';
import { expectReasons, offerMemory } from '../support/offered-memory.js';
import { run } from '../support/run.js';
import { openFds, openTap, testFolder } from '../support/taps.js';

const PROGRAMS = join(import.meta.dirname, '../programs');

/** Two ends of a connection; close() closes both. */
function connection() {
  const native = core();
  const path = join(testFolder(), 'a.sock');
  const listener = native.listen(path, 0o600);
  const near = native.connect(path);
  const far = native.accept(listener)!;
  return { path, listener, near, far, close: () => [listener, near, far].forEach(native.closeFd) };
}

describe('mapping', () => {
  it('takes memory only if it is sealed and shaped as it must be', async () => {
    expectReasons(await offerMemory(reasonAgainst));
  });

  it('of a descriptor that is none fails as the system says', () => {
    expect(() => core().mapRing(-1)).toThrow(/not a memfd/);
    expect(() => core().mapCursor(-1)).toThrow(/not a memfd/);
  });

  it('can be ended twice, and leaves views empty', () => {
    const native = core();
    const ring = native.createRing(1 << 20, 1000, 0n, 0n);
    const { near, close } = connection();
    const { ringFd, cursorFd } = native.ringAttach(ring, near, { oldest: false, lossless: false }).lanes[0]!;
    const { buffer, unmap } = native.mapRing(ringFd);
    const view = new Uint8Array(buffer, 100);
    expect(view.length).toBeGreaterThan(2 << 20);
    unmap();
    unmap();
    expect([view.length, buffer.byteLength]).toEqual([0, 0]);
    native.releaseRing(ring);
    expect(() => native.ringCounters(ring)).toThrow(TypeError);
    for (const fd of [ringFd, cursorFd]) native.closeFd(fd);
    close();
  });
});

function reasonAgainst(kind: string, fd: number): string | undefined {
  const native = core();
  const before = openFds();
  try {
    const map = { ring: native.mapRing, cursor: native.mapCursor, shares: native.mapShares }[kind.split(' ')[0]!]!;
    map(fd).unmap();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    expect(openFds()).toBe(before);
  }
}

describe('writing to a packet', () => {
  it('ends the process, with a message that says why', async () => {
    const { tap, directory } = openTap({ packets: 1 });
    tap.start();
    await tap.ended;
    const script = 'ulimit -c 0; node "$@"; echo "status $?"';
    const env = { PKTTAP_DIR: directory };
    const { stdout, stderr } = await run('bash', ['-c', script, 'bash', join(PROGRAMS, 'scribble.js'), 't'], { env });
    expect(stdout.toString()).toBe(`0\nstatus ${128 + constants.signals.SIGSEGV}\n`);
    expect(stderr).toContain("pkttap: write to a packet view: a tap's memory is read-only");
  });
});

describe('receiving', () => {
  it.each([
    ['a message longer than the buffer', 17, 0, 'message longer than 16 bytes'],
    ['a message longer than the buffer, with descriptors', 17, 2, 'message longer than 16 bytes'],
    ['more descriptors than expected', 1, 3, 'message with 3 file descriptors, at most 2 expected'],
    ['as many descriptors as the kernel sends', 1, 253, 'message with 253 file descriptors'],
  ])('%s is an error that leaves none of them open', (_, bytes, fds, reason) => {
    const native = core();
    const { near, far, listener, close } = connection();
    const before = openFds();
    expect(native.send(near, new Uint8Array(bytes), Array<number>(fds).fill(listener))).toBe(0);
    expect(() => native.receive(far, new Uint8Array(16), 2)).toThrow(reason);
    expect(openFds()).toBe(before);
    expect(native.receive(far, new Uint8Array(16), 2)).toBeUndefined();
    close();
  });

  it('more descriptors than this process can have is an error, and the next message is not lost', async () => {
    const script = 'ulimit -n 64; node "$@"';
    const { stdout, stderr } = await run('bash', [
      '-c',
      script,
      'bash',
      join(PROGRAMS, 'receive-at-limit.js'),
      testFolder(),
    ]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout.toString())).toEqual({
      errno: constants.errno.EMFILE,
      syscall: 'recvmsg',
      next: { bytes: 2, fds: [] },
      leaked: 0,
    });
  });

  it('reads what a peer said before it closed, even if it left our messages unread', () => {
    const native = core();
    const { near, far, listener } = connection();
    native.send(near, Uint8Array.of(1), []);
    native.send(far, Uint8Array.of(7, 7), []);
    native.closeFd(far);
    const buffer = new Uint8Array(16);
    expect(native.receive(near, buffer, 0)).toEqual({ bytes: 2, fds: [] });
    expect(native.receive(near, buffer, 0)).toEqual({ bytes: 0, fds: [] });
    for (const fd of [near, listener]) native.closeFd(fd);
  });

  it('closes what it passes on at exec', async () => {
    const native = core();
    const { near, far, listener, close } = connection();
    native.send(near, Uint8Array.of(1), [listener]);
    const { fds } = native.receive(far, new Uint8Array(16), 1)!;
    const { stdout } = await run('ls', ['-l', '/proc/self/fd']);
    expect(stdout.toString()).not.toContain('memfd:pkttap');
    const { stdout: flags } = await run('cat', [`/proc/${process.pid}/fdinfo/${fds[0]}`]);
    // O_CLOEXEC, as /proc shows flags: in octal.
    expect(Number.parseInt(/flags:\s*(\d+)/.exec(flags.toString())![1]!, 8) & 0o2000000).not.toBe(0);
    native.closeFd(fds[0]!);
    close();
  });
});
