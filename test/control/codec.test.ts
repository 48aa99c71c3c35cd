// Messages survive the way there and back, and whatever else arrives is a ProtocolError and nothing worse.

import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { decodeFromConsumer, decodeFromTap, encode } from '../../src/control/codec.js';
import type { ConsumerStats, FromConsumer, FromTap, TapStats } from '../../src/control/messages.js';
import { StatsJoiner, splitStats } from '../../src/control/stats-reply.js';
import { ProtocolError } from '../../src/errors.js';

const SEED = { seed: 20_261_121 };
const packr = new Packr({ useRecords: false });

const CONSUMER: ConsumerStats = {
  id: 1,
  name: 'ids',
  pid: 7,
  uid: 0,
  policy: 'lossy',
  share: 'analyzers',
  delivered: 2 ** 53,
  filtered: 2,
  missed: 3,
  lag: 0,
};

const STATS: TapStats = {
  tap: 'eth0',
  pid: 1,
  source: 'eth0',
  startedMs: 1_700_000_000_000,
  state: 'running',
  lanes: 4,
  ringBytes: 1 << 30,
  received: 5e9,
  kernelDropped: 0,
  interfaceDropped: undefined,
  published: 5e9,
  bytes: 2 ** 52,
  handedOver: 4,
  handOverUnknown: 0,
  consumers: [CONSUMER],
};

const FROM_CONSUMER: readonly FromConsumer[] = [
  { type: 'compile', filter: 'tcp port 80', linktype: 65_535 },
  { type: 'hello', versions: [1, 2], role: 'consumer', name: 'me', policy: 'lossless', start: 'oldest' },
  { type: 'hello', versions: [], role: 'observer', name: '' },
  { type: 'hello', versions: [1], role: 'consumer', name: 'me', share: 'analyzers' },
  {
    type: 'hello',
    versions: [1],
    role: 'consumer',
    name: 'me',
    resume: [{ generation: 2n ** 64n - 1n, position: 2n ** 63n, sequence: 7n }],
  },
  { type: 'stats' },
  { type: 'leave' },
  { type: 'bye', reason: 'detached', message: '' },
];

const LANE = { position: 2n ** 64n - 1n, sequence: 0n, missed: 0 };
const SESSION = { policy: 'lossy', stallTimeoutMs: 30_000, lanes: [LANE], resumed: false } as const;

const FROM_TAP: readonly FromTap[] = [
  { type: 'program', instructions: Buffer.alloc(8192, 7), more: true },
  { type: 'program', instructions: Buffer.alloc(0), more: false, problem: 'syntax error' },
  { type: 'welcome', version: 1, tap: 'eth0', pid: 1, source: 'eth0', session: SESSION },
  {
    type: 'welcome',
    version: 1,
    tap: 'eth0',
    pid: 1,
    source: 'eth0',
    session: { ...SESSION, share: { member: 2 ** 32 - 1, epoch: 3 }, resumed: true },
  },
  {
    type: 'welcome',
    version: 1,
    tap: 'eth0',
    pid: 1,
    source: 'eth0',
    session: {
      ...SESSION,
      lanes: [{ position: 7n, sequence: 2n ** 40n, missed: 5 }, ...Array<typeof LANE>(15).fill(LANE)],
    },
  },
  { type: 'welcome', version: 1, tap: 'eth0', pid: 1, source: 'eth0' },
  { type: 'refuse', code: 'ERR_TAP_REFUSED', message: 'no' },
  { type: 'stats', stats: STATS, more: false },
  { type: 'stats', stats: { ...STATS, consumers: [] }, more: true },
  { type: 'notice', kind: 'made-lossy', message: 'too slow' },
  { type: 'left', ends: [7n, 2n ** 63n] },
  { type: 'bye', reason: 'evicted', message: 'cheated' },
];

describe('the codec', () => {
  it.each(FROM_CONSUMER.map((message) => ({ message, type: message.type })))(
    'reads what it writes for a consumer: $type',
    ({ message }) => {
      expect(decodeFromConsumer(encode(message))).toEqual(message);
    },
  );

  it.each(FROM_TAP.map((message) => ({ message, type: message.type })))(
    'reads what it writes for a tap: $type',
    ({ message }) => {
      expect(decodeFromTap(encode(message))).toEqual(message);
    },
  );

  it('refuses a message with any of its fields changed to what it can’t be', () => {
    const impossible = [undefined, null, -1, Number.NaN, {}, [], 'nonsense'.repeat(1000), new Uint8Array(3)];
    const accepted = (decode: (bytes: Uint8Array) => unknown, message: object) =>
      Object.keys(message).flatMap((key) => impossible.filter((value) => passes(decode, { ...message, [key]: value })));
    for (const message of FROM_CONSUMER.filter((each) => Object.keys(each).length > 1)) {
      // Only what may be left out may be undefined.
      const optional =
        message.type === 'hello' ? ['policy', 'start', 'share', 'resume'].filter((key) => key in message).length : 0;
      const lists = message.type === 'hello' ? 1 : 0;
      expect(accepted(decodeFromConsumer, message).length).toBe(optional + lists);
    }
  });

  it.each([0, 17])('refuses a welcome with %i lanes', (count) => {
    const session = { ...SESSION, lanes: Array<typeof LANE>(count).fill(LANE) };
    const welcome: FromTap = { type: 'welcome', version: 1, tap: 'eth0', pid: 1, source: 'eth0', session };
    expect(() => decodeFromTap(encode(welcome))).toThrow(/impossible field: lanes/);
  });

  it.each(['consumer', 'tap'] as const)('throws nothing but ProtocolError for random bytes from a %s', (side) => {
    const decode = side === 'tap' ? decodeFromTap : decodeFromConsumer;
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => expectProtocolError(decode, bytes));
    fc.assert(property, { ...SEED, numRuns: 5000 });
  });

  it.each(['consumer', 'tap'] as const)('throws nothing but ProtocolError for random values from a %s', (side) => {
    const decode = side === 'tap' ? decodeFromTap : decodeFromConsumer;
    const anything = fc.anything({ withBigInt: false, maxDepth: 4 });
    const typed = fc.record({ type: fc.constantFrom('hello', 'welcome', 'stats', 'bye', 'notice', 'refuse') });
    const value = fc.oneof(
      anything,
      fc.tuple(typed, fc.object()).map(([type, rest]) => ({ ...rest, ...type })),
    );
    const property = fc.property(value, (message) => {
      // A message of type stats without any other field is a good one, from a consumer.
      if (side === 'consumer' && (message as { type?: unknown } | null)?.type === 'stats') return;
      expectProtocolError(decode, packr.pack(message));
    });
    fc.assert(property, { ...SEED, numRuns: 3000 });
  });

  it('throws nothing but ProtocolError for a good message with bytes changed', () => {
    const good = fc.constantFrom(...FROM_TAP.map((message) => encode(message)));
    const damage = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const property = fc.property(good, damage, (bytes, changes) => {
      const damaged = bytes.slice();
      for (const [at, value] of changes) damaged[at % damaged.length] = value;
      let error: unknown;
      try {
        decodeFromTap(damaged);
      } catch (thrown) {
        error = thrown;
      }
      // Some changes make another good message.
      expect(error === undefined || error instanceof ProtocolError).toBe(true);
    });
    fc.assert(property, { ...SEED, numRuns: 5000 });
  });
});

describe('statistics of many consumers', () => {
  it.each([0, 1, 32, 33, 1024])('go in parts and come out whole: %i', (count) => {
    const stats = { ...STATS, consumers: Array.from({ length: count }, (_, id) => ({ ...CONSUMER, id })) };
    const joiner = new StatsJoiner();
    const wholes = splitStats(stats).map((part) => joiner.add(part));
    expect(wholes.slice(0, -1).every((whole) => whole === undefined)).toBe(true);
    expect(wholes.at(-1)).toEqual(stats);
  });
});

function passes(decode: (bytes: Uint8Array) => unknown, message: object): boolean {
  try {
    decode(packr.pack(message));
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return false;
  }
}

function expectProtocolError(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  expect(() => decode(bytes)).toThrow(ProtocolError);
}
