// The package cap as an engine, beside our own on the same device: a consumer sees the same packets, and is told who made
// the timestamps.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TapError } from '../../src/errors.js';
import type { PacketView } from '../../src/packet/packet-view.js';
import { RecordFlag } from '../../src/packet/record.js';
import { type CapOptions, openCap } from '../../src/source/cap.js';
import { openLive } from '../../src/source/live.js';
import type { PacketSource, SourceEnd } from '../../src/source/packet-source.js';
import { makeTestRing, type TestRing } from '../support/test-ring.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { until } from '../support/until.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const reasonToSkip = await whyNoVeth();
beforeEach((context) => {
  if (reasonToSkip) context.skip(reasonToSkip);
});

/** For what could not be opened: cap keeps its buffer until the process ends. */
const SMALL: CapOptions = { bufferBytes: 1 << 20 };

interface Capture extends AsyncDisposable {
  readonly ended: Promise<SourceEnd>;
  finish(): Promise<SourceEnd>;
}

function start(ring: TestRing, source: PacketSource): Capture {
  const ended = new Promise<SourceEnd>((resolve) => source.start(ring.handle, resolve));
  const finish = () => {
    source.stop();
    return ended;
  };
  return { ended, finish, [Symbol.asyncDispose]: async () => void (await finish()) };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

const facts = ({ origlen, caplen, linktype, flags, flowHash, data }: PacketView) =>
  ({ origlen, caplen, linktype, flags, flowHash, data: Buffer.from(data).toString('hex') }) as const;

describe('the engine cap', () => {
  it('gives the packets that our own engine gives, in order, byte for byte', async () => {
    await using pair = await makeVethPair();
    using ours = makeTestRing();
    using theirs = makeTestRing();
    const sent = udpSavefile(200);
    await using live = start(ours, openLive([pair.far]));
    await using cap = start(theirs, openCap([pair.far]));
    await pair.send(sent.path);
    await until(() => [ours, theirs].every(({ counters }) => counters.published === sent.frames.length));
    expect(await live.finish()).toEqual({ reason: 'stopped' });
    expect(await cap.finish()).toEqual({ reason: 'stopped' });

    const packets = theirs.read();
    expect(packets.map(facts)).toEqual(ours.read().map(facts));
    expect(packets.map(({ data }) => Buffer.from(data))).toEqual(sent.frames.map((frame) => Buffer.from(frame)));
  });

  it('labels its timestamps, and does not know what the kernel dropped', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const before = BigInt(Date.now()) * 1_000_000n;
    await using cap = start(ring, openCap([pair.far], { filter: 'udp' }));
    await pair.send(udpSavefile(3).path);
    await until(() => ring.counters.published === 3);
    await cap.finish();

    expect(ring.interfaces).toMatchObject([
      { name: pair.far, linktype: 1, snaplen: 65_535, filter: 'udp', timestampSource: 'userspace', section: 0 },
    ]);
    expect(ring.interfaces[0]!.os).toMatch(/^Linux \d/);
    expect(ring.counters).toMatchObject({ received: 3, kernelDropped: undefined, interfaceDropped: undefined });
    const times = ring.read().map(({ tsNs }) => tsNs);
    expect(times.every((time) => time >= before && time < BigInt(Date.now() + 1) * 1_000_000n)).toBe(true);
    expect(times).toEqual([...times].sort());
  });

  it('takes several devices, each an interface, and ends at the limit of all together', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    await using cap = start(ring, openCap([pair.near, pair.far], { filter: 'udp port 53', limit: 6 }));
    await pair.send(udpSavefile(4, { ports: [53, 54] }).path);
    await pair.send(udpSavefile(4, { ports: [54, 53] }).path, pair.far);
    expect(await cap.ended).toEqual({ reason: 'finished' });
    const names = ring.read().map((packet) => packet.interface.name);
    expect(names).toHaveLength(6);
    expect(new Set(names)).toEqual(new Set([pair.near, pair.far]));
  });

  it('keeps what comes before the start', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const source = openCap([pair.far], { limit: 5 });
    const first = udpSavefile(5);
    await pair.send(first.path);
    // Another on the same device tells when the packets have come by.
    using other = makeTestRing();
    await using witness = start(other, openCap([pair.far], { limit: 1 }));
    await pair.send(udpSavefile(1).path);
    await witness.ended;
    await using cap = start(ring, source);
    expect(await cap.ended).toEqual({ reason: 'finished' });
    expect(ring.read().map(({ data }) => Buffer.from(data))).toEqual(first.frames.map((frame) => Buffer.from(frame)));
  });

  it('outlives the collection of what was closed, or could not be opened', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    for (let i = 0; i < 5; i++) {
      openCap([pair.far], SMALL).close();
      expect(() => openCap([pair.far], { ...SMALL, filter: 'udp udp' })).toThrow('filter does not compile');
    }
    const sent = udpSavefile(20);
    await using _cap = start(ring, openCap([pair.far]));
    collectGarbage();
    // Handles that the event loop gets now go where a collected one would have been.
    await Promise.all(Array.from({ length: 20 }, () => new Promise((resolve) => setTimeout(resolve, 0))));
    await pair.send(sent.path);
    await until(() => ring.counters.published === sent.frames.length);
    collectGarbage();
    expect(ring.read().map(({ data }) => Buffer.from(data))).toEqual(sent.frames.map((frame) => Buffer.from(frame)));
  });

  it('gives the packets of any in cooked headers, with their direction', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    // A port of this process's own: other tests may be sending at the same time.
    const port = 30_000 + (process.pid % 20_000);
    await using cap = start(ring, openCap(['any'], { filter: `udp dst port ${port}`, limit: 2 }));
    await pair.send(udpSavefile(1, { ports: [port], broadcast: true }).path);
    await cap.ended;
    const packets = ring.read();
    expect(packets.map(({ linktype }) => linktype)).toEqual([113, 113]);
    expect(packets.map(({ flags }) => flags & (RecordFlag.inbound | RecordFlag.outbound)).sort()).toEqual([
      RecordFlag.inbound,
      RecordFlag.outbound,
    ]);
  });
});

describe('opening the engine cap', () => {
  const failure = (devices: readonly string[], options?: CapOptions): TapError => {
    try {
      openCap(devices, options).close();
    } catch (error) {
      return error as TapError;
    }
    throw new Error('it could be opened');
  };

  it('refuses what our own engine refuses, by the same errors', async () => {
    await using pair = await makeVethPair();
    await pair.takeDown(pair.far);
    expect(failure(['qqqqqqqq'])).toMatchObject({ code: 'ERR_TAP_NO_DEVICE', device: 'qqqqqqqq' });
    expect(failure([pair.far]).message).toContain(`ip link set ${pair.far} up`);
    for (const filter of ['udp port nonsense', 'udp udp udp', 'port'])
      expect(failure(['lo'], { ...SMALL, filter }), filter).toMatchObject({ code: 'ERR_TAP_BAD_FILTER', device: 'lo' });
    expect(() => openCap(['lo', 'lo'])).toThrow(RangeError);
    expect(() => openCap(['lo'], { limit: 0.5 })).toThrow(RangeError);
  });

  it('refuses whoever may not capture', () => {
    openCap(['lo']).close();
    process.seteuid!(65_534);
    try {
      expect(failure(['lo'])).toMatchObject({ code: 'ERR_TAP_PERMISSION', device: 'lo' });
    } finally {
      process.seteuid!(0);
    }
  });
});
