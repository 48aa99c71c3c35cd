// Consumers that break the rules. Whatever one of them sends or writes, it ends its own session and nothing more: an honest
// consumer beside it gets every packet.

import { closeSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attach } from '../../src/consumer/attach.js';
import { encode } from '../../src/control/codec.js';
import { core } from '../../src/native/core.js';
import { CursorField } from '../../src/ring/layout.js';
import { connectRaw, HELLO, type RawPeer } from '../support/raw-peer.js';
import { openFds, openTap, RINGFUL, range, sequencesOf, testFolder } from '../support/taps.js';
import { until } from '../support/until.js';

const COMPILE = { type: 'compile', filter: Array(80).fill('port 80').join(' or '), linktype: 1 } as const;

/** Each does something that no consumer may do. */
const BREACHES: readonly [string, (peer: RawPeer) => void][] = [
  ['sends bytes that are no message', (peer) => peer.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'))],
  ['sends a message cut short', (peer) => peer.send(encode(HELLO).subarray(0, 20))],
  ['sends a message longer than the longest', (peer) => peer.send(new Uint8Array(16_385))],
  ['sends arrays within arrays', (peer) => peer.send(new Uint8Array(16_000).fill(0x91))],
  ['announces more than it sends', (peer) => peer.send(Buffer.from('dd7fffffff', 'hex'))],
  ['sends no map', (peer) => peer.pack([1, 2, 3])],
  ['sends a message of another type', (peer) => peer.pack({ type: 'welcome' })],
  ['rings the bell, which it hasn’t got', (peer) => peer.send(Uint8Array.of(0))],
  ['asks for statistics before it says hello', (peer) => peer.say({ type: 'stats' })],
  ['says goodbye before it says hello', (peer) => peer.say({ type: 'bye', reason: 'detached', message: '' })],
  ['wants to be something else', (peer) => peer.pack({ ...HELLO, role: 'tap' })],
  ['wants another policy', (peer) => peer.pack({ ...HELLO, policy: 'everything' })],
  ['speaks no versions at all', (peer) => peer.pack({ ...HELLO, versions: 'all' })],
  ['has a name of escape sequences', (peer) => peer.pack({ ...HELLO, name: '\u001b]0;owned\u0007' })],
  ['has a name that doesn’t end', (peer) => peer.pack({ ...HELLO, name: 'x'.repeat(65) })],
  ['sends a descriptor', (peer) => sendFds(peer, 1)],
  ['sends as many descriptors as the kernel takes', (peer) => sendFds(peer, 253)],
  ['says hello twice', (peer) => [HELLO, HELLO].map((hello) => peer.say(hello))],
  ['wants a filter before it says hello', (peer) => peer.say(COMPILE)],
  [
    'wants a filter without having attached',
    (peer) => [{ ...HELLO, role: 'observer' as const }, COMPILE].map(peer.say),
  ],
  ['leaves a share group that it is in none of', (peer) => [HELLO, { type: 'leave' as const }].map(peer.say)],
  ['wants several filters at once', (peer) => [HELLO, COMPILE, COMPILE].map(peer.say)],
  ['wants a filter for no link type', (peer) => [peer.say(HELLO), peer.pack({ ...COMPILE, linktype: 65_536 })]],
  ['sends garbage after a good hello', (peer) => [peer.say(HELLO), peer.send(Buffer.from('garbage'))]],
];

function sendFds(peer: RawPeer, count: number): void {
  const fd = openSync('/dev/null', 'r');
  peer.send(encode(HELLO), Array<number>(count).fill(fd));
  closeSync(fd);
}

describe('a consumer that', () => {
  it.each(BREACHES)('%s ends its session alone', async (_, breach) => {
    const { tap, attach } = openTap({ packets: 500 });
    const honest = await attach();
    const fdsBefore = openFds();
    const peer = connectRaw(tap.path);
    breach(peer);
    await peer.closed();
    peer.close();
    await until(() => openFds() <= fdsBefore);
    tap.start();
    expect(await sequencesOf(honest)).toEqual(range(0, 500));
    expect(tap.stats().consumers.length).toBe(1);
  });

  it('speaks another version is told which ones there are', async () => {
    const { tap } = openTap();
    const peer = connectRaw(tap.path);
    peer.say({ ...HELLO, versions: [2, 99] });
    const heard = await peer.hear();
    expect(heard?.message).toMatchObject({ type: 'refuse', code: 'ERR_TAP_VERSION' });
    expect(await peer.hear()).toBeUndefined();
  });

  it('says what nobody understands is told so before it is left', async () => {
    const { tap } = openTap();
    const peer = connectRaw(tap.path);
    peer.say(HELLO);
    peer.pack({ type: 'sing' });
    expect((await peer.hear())?.message).toMatchObject({ type: 'welcome' });
    const message = 'message with an impossible field: type="sing"';
    expect((await peer.hear())?.message).toEqual({ type: 'refuse', code: 'ERR_TAP_PROTOCOL', message });
    expect(await peer.hear()).toBeUndefined();
  });

  it('says nothing is refused after the time for that', async () => {
    const { tap } = openTap({ helloTimeoutMs: 10 });
    const peer = connectRaw(tap.path);
    expect((await peer.hear())?.message).toMatchObject({ type: 'refuse', code: 'ERR_TAP_TIMEOUT' });
    expect(await peer.hear()).toBeUndefined();
  });

  it('never reads what it asked for is dropped, and holds up nobody', async () => {
    const { tap, attach } = openTap({ packets: 500 });
    const honest = await attach();
    const peer = connectRaw(tap.path);
    peer.say(HELLO);
    await tap.waitForConsumers(2);
    await until(() => {
      for (let i = 0; i < 32; i++) peer.say({ type: 'stats' });
      return tap.stats().consumers.length === 1;
    });
    tap.start();
    expect(await sequencesOf(honest)).toEqual(range(0, 500));
  });

  it('closes with answers unread and questions unanswered is gone at once', async () => {
    const { tap, attach } = openTap();
    const consumer = await attach();
    const peer = connectRaw(tap.path);
    peer.say(HELLO);
    for (let i = 0; i < 100; i++) peer.say({ type: 'stats' });
    await tap.waitForConsumers(2);
    peer.close();
    await until(() => tap.stats().consumers.length === 1);
    expect(consumer.end).toBeUndefined();
  });
});

describe('a cursor that', () => {
  it.each(['lossless', 'lossy'] as const)('goes back evicts its %s consumer, and nobody else', async (policy) => {
    await expectEviction(policy, (at) => at - 8n, 'the cursor went back');
  });

  it.each(['lossless', 'lossy'] as const)(
    'runs past the tail evicts its %s consumer, and nobody else',
    async (policy) => {
      await expectEviction(policy, (at) => at + (1n << 40n), 'the cursor ran past the tail');
    },
  );

  it('is caught when somebody asks for statistics, too', async () => {
    const { tap } = openTap();
    const cheat = await attachCheat(tap.path, 'lossy');
    cheat.cursor[CursorField.position / 8] = 8n;
    expect(tap.stats().consumers.length).toBe(1);
    expect(await evictionOf(cheat.peer)).toBe('the cursor ran past the tail');
    expect(tap.stats().consumers).toEqual([]);
  });

  it('lies about what it has read is shown with what can be true', async () => {
    const { tap } = openTap({ packets: 100 });
    const { cursor } = await attachCheat(tap.path, 'lossy');
    tap.start();
    await tap.ended;
    cursor[CursorField.delivered / 8] = 2n ** 60n;
    cursor[CursorField.missed / 8] = 2n ** 63n;
    expect(tap.stats().consumers[0]).toMatchObject({ delivered: 100, missed: 0, lag: 0 });
  });
});

/** A cheat attaches and moves its cursor while an honest consumer reads a stream of several rings. */
async function expectEviction(policy: 'lossless' | 'lossy', move: (position: bigint) => bigint, why: string) {
  const { tap, attach } = openTap({ packets: 3 * RINGFUL });
  const honest = await attach();
  tap.start();
  const [first] = (await honest.receivePackets(1))!;
  expect(first!.sequence).toBe(0n);
  const { cursor, peer } = await attachCheat(tap.path, policy);
  const at = CursorField.position / 8;
  cursor[at] = move(cursor[at]!);
  expect(await sequencesOf(honest)).toEqual(range(1, 3 * RINGFUL));
  expect(await evictionOf(peer)).toBe(why);
}

async function evictionOf(peer: RawPeer): Promise<string> {
  for (;;) {
    const heard = await peer.hear();
    if (heard === undefined) throw new Error('the connection ended without an eviction');
    if (heard.message.type === 'bye' && heard.message.reason === 'evicted') return heard.message.message;
  }
}

/** A session with its cursor page in hand. */
async function attachCheat(path: string, policy: 'lossless' | 'lossy') {
  const peer = connectRaw(path);
  peer.say({ ...HELLO, policy });
  const { fds } = (await peer.hear())!;
  const mapping = core().mapCursor(fds[1]!);
  return { peer, cursor: new BigUint64Array(mapping.buffer) };
}

it('attaching to a tap that does not answer fails after the time for that', async () => {
  const path = `${testFolder()}/mute.sock`;
  const listener = core().listen(path, 0o600);
  await expect(attach(path, { timeoutMs: 10 })).rejects.toMatchObject({ code: 'ERR_TAP_TIMEOUT' });
  core().closeFd(listener);
});
