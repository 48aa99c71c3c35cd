// A descriptor over a socket: by id, both ways, sync and async; what isn't as agreed is an error that leaves nothing open.

import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FdListener, FdSocket } from '../../src/channel/fdpass.js';
import { core } from '../../src/native/core.js';
import { closing, startPeer } from '../support/channels.js';
import { openFds, testFolder } from '../support/taps.js';

function openFile(text = 'what the file says'): number {
  const path = join(testFolder(), 'file');
  writeFileSync(path, text);
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return fd;
}

function pair(): [FdSocket, FdSocket] {
  const [one, other] = FdSocket.pair();
  return [closing(one), closing(other)];
}

describe('a descriptor', () => {
  for (const how of ['async', 'sync'] as const) {
    it(`reaches another process, which receives it ${how}`, async () => {
      const listener = closing(new FdListener());
      const peer = startPeer('receiveFd', listener.name, how);
      const socket = closing(await listener.accept());
      await socket.sendFd(7, openFile());
      const { stdout, stderr } = await peer.ended;
      expect(stderr).toBe('');
      expect(JSON.parse(stdout.toString())).toEqual({ text: 'what the file says', isFile: true });
    });
  }

  it('goes both ways over one socket, blocking or not, and stays open at its sender', async () => {
    const [one, other] = pair();
    const fd = openFile('x');
    one.sendFdSync(1, fd);
    other.sendFdSync(2, fd);
    const received = [other.recvFdSync(1), await one.recvFd(2)];
    expect(received.map((each) => fstatSync(each).ino)).toEqual([fstatSync(fd).ino, fstatSync(fd).ino]);
    for (const each of received) closeSync(each);
    expect(readFileSync(fd, 'utf8')).toBe('x');
  });

  it('is close-on-exec at the receiver', async () => {
    const [one, other] = pair();
    await one.sendFd(0, openFile());
    const fd = await other.recvFd(0);
    const flags = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))![1]!;
    closeSync(fd);
    expect(Number.parseInt(flags, 8) & 0o2000000).toBe(0o2000000);
  });

  it('with another id is refused, and closed', async () => {
    const [one, other] = pair();
    const fd = openFile();
    const before = openFds();
    await one.sendFd(1, fd);
    await expect(other.recvFd(2)).rejects.toMatchObject({ code: 'ERR_TAP_PROTOCOL' });
    expect(openFds()).toBe(before);
  });

  it.each([
    ['two descriptors', 2, 8],
    ['no descriptor', 0, 8],
    ['a short message', 1, 4],
  ])('that comes as %s is refused, and what came is closed', async (_, count, bytes) => {
    const [one, other] = pair();
    const fd = openFile();
    const before = openFds();
    core().send(one.fd, new Uint8Array(bytes), Array(count).fill(fd));
    await expect(other.recvFd(0)).rejects.toMatchObject({ code: 'ERR_TAP_PROTOCOL' });
    expect(openFds()).toBe(before);
  });

  it('that is none is an error of the sender, and the next one arrives', async () => {
    const [one, other] = pair();
    await expect(one.sendFd(0, 1_000_000)).rejects.toMatchObject({ code: 'ERR_TAP_SYSTEM', errno: 'EBADF' });
    await one.sendFd(0, openFile());
    closeSync(await other.recvFd(0));
  });

  it.each([-1, 1.5, 2 ** 32])('has an id from 0 to 2^32-1, which %d is not', async (id) => {
    const [one] = pair();
    await expect(one.sendFd(id, 0)).rejects.toThrow(RangeError);
  });
});

describe('waiting for a descriptor', () => {
  it('ends when the other side closes, and sending then fails', async () => {
    const [one, other] = pair();
    const waiting = other.recvFd(0);
    one.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_TAP_DISCONNECTED' });
    await expect(other.sendFd(0, 0)).rejects.toMatchObject({ code: 'ERR_TAP_DISCONNECTED' });
    await expect(one.recvFd(0)).rejects.toMatchObject({ code: 'ERR_TAP_CLOSED' });
  });

  it('ends when the time is up or the signal aborts', async () => {
    const [, other] = pair();
    await expect(other.recvFd(0, { timeoutMs: 5 })).rejects.toMatchObject({ code: 'ERR_TAP_TIMEOUT' });
    expect(() => other.recvFdSync(0, { timeoutMs: 5 })).toThrow(/within 5 ms/);
    const aborting = new AbortController();
    const waiting = other.recvFd(0, { signal: aborting.signal });
    aborting.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('is for sockets of the right kind only', () => {
    expect(() => FdSocket.fromFd(openFile())).toThrow(expect.objectContaining({ code: 'ERR_TAP_PROTOCOL' }));
  });
});
