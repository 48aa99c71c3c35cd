// A tap that says and sends what it likes: the consumer in C ends with an error that names it, keeps no
// descriptor of what it was sent, and does not crash.

import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Packr } from 'msgpackr';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { decodeFromConsumer, encode } from '../../src/control/codec.js';
import type { FromTap } from '../../src/control/messages.js';
import { core, type LaneAttachment } from '../../src/native/core.js';
import { compileProgram } from '../support/c-compiler.js';
import { consume, reportOf } from '../support/c-consumer.js';
import type { Running } from '../support/pkttap.js';
import { testFolder } from '../support/taps.js';
import { untilFound } from '../support/until.js';

const packr = new Packr({ useRecords: false, moreTypes: false, int64AsType: 'bigint' });

let folder: string;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pkttap-c-'));
  program = await compileProgram('consume.c', folder, ['-g', '-fsanitize=address,undefined']);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A consumer whose tap is the test, after its hello. */
interface Victim {
  readonly running: Running;
  readonly fd: number;
  readonly lane: LaneAttachment;
  send(bytes: Uint8Array, fds?: readonly number[]): void;
  say(message: FromTap): void;
  /** What an honest tap says, with memory that is as it must be. */
  welcome(): void;
  hangUp(): void;
}

async function makeVictim(): Promise<Victim> {
  const native = core();
  const directory = testFolder();
  const listener = native.listen(join(directory, 't.sock'), 0o600);
  const running = consume(program, directory, 't', 'lossy');
  const fd = await untilFound(() => native.accept(listener));
  const buffer = new Uint8Array(1024);
  const hello = await untilFound(() => native.receive(fd, buffer, 0));
  expect(decodeFromConsumer(buffer.slice(0, hello.bytes))).toEqual({
    type: 'hello',
    versions: [1],
    role: 'consumer',
    name: 'in C',
    policy: 'lossy',
    start: 'now',
  });
  const ring = native.createRing(1 << 20, 1000, 64n, 7n);
  // Nobody listens where the doorbell rings.
  const nobody = openSync('/dev/null', 'w');
  const lane = native.ringAttach(ring, nobody, { oldest: false, lossless: false }).lanes[0]!;
  let isOpen = true;
  const hangUp = () => {
    if (isOpen) native.closeFd(fd);
    isOpen = false;
  };
  onTestFinished(() => {
    hangUp();
    for (const each of [listener, nobody, lane.ringFd, lane.cursorFd]) native.closeFd(each);
    native.releaseRing(ring);
  });
  const send = (bytes: Uint8Array, fds: readonly number[] = []) => void native.send(fd, bytes, fds);
  const say = (message: FromTap) => send(encode(message));
  const welcome = () => send(encode(welcomeOf(1)), [lane.ringFd, lane.cursorFd]);
  return { running, fd, lane, send, say, welcome, hangUp };
}

function welcomeOf(lanes: number, version = 1): FromTap {
  const begin = { position: 64n, sequence: 7n };
  const session = { policy: 'lossy', stallTimeoutMs: 1000, lanes: Array(lanes).fill(begin) } as const;
  return { type: 'welcome', version, tap: 't', pid: 1, source: 'a test', session };
}

describe('a consumer in C refuses a tap', () => {
  it.each<[string, string, (victim: Victim) => void]>([
    ['that speaks no MessagePack', 'ERR_TAP_PROTOCOL', ({ send }) => send(new Uint8Array([0xc1, 0xc1]))],
    ['that rings before it welcomes', 'ERR_TAP_PROTOCOL', ({ send }) => send(new Uint8Array([0]))],
    [
      'that answers with something else',
      'ERR_TAP_PROTOCOL',
      ({ say }) => say({ type: 'bye', reason: 'stopped', message: '' }),
    ],
    ['that closes at once', 'ERR_TAP_DIED', ({ hangUp }) => hangUp()],
    ['that speaks another version', 'ERR_TAP_VERSION', ({ say }) => say(welcomeOf(1, 2))],
    ['that refuses', 'ERR_TAP_REFUSED', ({ say }) => say({ type: 'refuse', code: 'ERR_TAP_REFUSED', message: 'no' })],
    ['without lanes', 'ERR_TAP_PROTOCOL', ({ say }) => say(welcomeOf(0))],
    ['of 17 lanes', 'ERR_TAP_PROTOCOL', ({ say }) => say(welcomeOf(17))],
    ['without a session', 'ERR_TAP_PROTOCOL', ({ send }) => send(packr.pack({ type: 'welcome', version: 1 }))],
    ['that sends no memory', 'ERR_TAP_PROTOCOL', ({ say }) => say(welcomeOf(1))],
    [
      'that sends too little',
      'ERR_TAP_PROTOCOL',
      ({ send, lane }) => send(encode(welcomeOf(2)), [lane.ringFd, lane.cursorFd]),
    ],
    [
      'that sends too much',
      'ERR_TAP_PROTOCOL',
      ({ send, lane }) => send(encode(welcomeOf(1)), Array(33).fill(lane.ringFd)),
    ],
    [
      'that sends all it can',
      'ERR_TAP_PROTOCOL',
      ({ send, lane }) => send(encode(welcomeOf(1)), Array(253).fill(lane.ringFd)),
    ],
    ['whose message is too long', 'ERR_TAP_PROTOCOL', ({ send, lane }) => send(new Uint8Array(20_000), [lane.ringFd])],
    [
      'whose ring is a cursor',
      'ERR_TAP_RING',
      ({ send, lane }) => send(encode(welcomeOf(1)), [lane.cursorFd, lane.ringFd]),
    ],
    [
      'whose cursor is a ring',
      'ERR_TAP_RING',
      ({ send, lane }) => send(encode(welcomeOf(1)), [lane.ringFd, lane.ringFd]),
    ],
  ])('%s', async (_, code, act) => {
    const victim = await makeVictim();
    act(victim);
    expect(await reportOf(victim.running)).toMatchObject({ code, packets: 0, end: 'none', leaked: 0 });
  });

  it('that closes after the welcome, having delivered all', async () => {
    const { running, welcome, hangUp } = await makeVictim();
    welcome();
    await running.printed('attached');
    hangUp();
    expect(await reportOf(running)).toMatchObject({ code: 'ERR_TAP_DIED', end: 'failed', packets: 0 });
  });

  it('that evicts it, and says why; whatever else it says is passed over', async () => {
    const { running, welcome, send, say, lane, hangUp } = await makeVictim();
    welcome();
    await running.printed('attached');
    send(new Uint8Array([1]));
    send(new Uint8Array([0xc1, 0xc1]), [lane.ringFd]);
    say({ type: 'notice', kind: 'made-lossy', message: 'slow' });
    say({ type: 'bye', reason: 'evicted', message: 'the cursor went back' });
    hangUp();
    expect(await reportOf(running)).toMatchObject({
      code: 'ERR_TAP_EVICTED',
      message: 'the tap evicted us: the cursor went back',
      end: 'failed',
      policy: 'lossy',
      leaked: 0,
    });
  });
});
