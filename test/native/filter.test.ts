// The native BPF machine against libpcap's own: a filtered replay publishes as many packets as tcpdump reads with the same
// filter from the same file.

import { describe, expect, it } from 'vitest';
import { core, type NativeReplay, type NativeReplayOptions, type RingHandle } from '../../src/native/core.js';
import type { SourceEnd } from '../../src/source/packet-source.js';
import { corpusFiles } from '../support/corpus.js';
import { DEMO_PACKETS, DEMO_PCAP } from '../support/pkttap.js';
import { SavefileBench } from '../support/replay-bytes.js';
import { output } from '../support/run.js';
import { makeTestRing } from '../support/test-ring.js';

/** A replay that asks for a filter's program: what no source does without a filter expression. */
const FILTERED: NativeReplayOptions = {
  paths: [DEMO_PCAP],
  loops: 1,
  limit: 0,
  paceKind: 0,
  paceValue: 1,
  longestGapMs: 0,
  durationMs: 0,
  loopDelayMs: 0,
  timestamps: 0,
  filtered: true,
  merge: false,
  follow: false,
};

/** Outcomes of native/core/savefile/result.h. */
const FINISHED = 0;
const STOPPED = 1;

/** Replays for ever; `onLinktype` is asked for the filter. How it ended. */
function replayWith(handle: RingHandle, onLinktype: (replay: NativeReplay, linktype: number) => void): Promise<number> {
  return new Promise((resolve) => {
    const replay = new (core().Replay)({ ...FILTERED, loops: 0 });
    replay.start(
      handle,
      ({ outcome }) => resolve(outcome),
      (linktype) => onLinktype(replay, linktype),
    );
  });
}

const FILTERS = [
  'tcp',
  'udp port 53',
  'not ip',
  'ip6 and not udp',
  'arp or icmp or icmp6',
  'vlan',
  'host 10.0.0.1',
  'net 192.168.0.0/16',
  'src net 10.0.0.0/8 and dst portrange 1-1023',
  'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0',
  'tcp[13] = 18',
  'ip[2:2] > 576',
  'ip[0] & 0xf > 5',
  'ip[6:2] & 0x3fff != 0',
  'ether[0] & 1 = 1',
  'greater 1000',
  'less 64',
  'len % 7 = 3 and len / 3 > 20',
  'len - 40 > 100 and len << 2 < 4096 and len >> 1 > 10',
  'tcp port 80 and (tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420)',
  'ether proto 0x0800 and ip[8] < 64',
];

/** Some captures of the kinds of link that differ, of a size worth the while, and the project's own. */
function captures(): string[] {
  const large = corpusFiles('valid').filter(({ packets, format }) => format === 'pcap-le-us' && (packets ?? 0) >= 300);
  const ofLinktype = (linktype: number, count: number) =>
    large.filter(({ linktypes }) => linktypes.length === 1 && linktypes[0] === linktype).slice(0, count);
  return [DEMO_PCAP, ...[...ofLinktype(1, 4), ...ofLinktype(113, 1), ...ofLinktype(101, 1)].map(({ path }) => path)];
}

describe('the native filter machine', () => {
  it.each(captures())('passes what tcpdump passes of %s', async (path) => {
    for (const filter of FILTERS) {
      const wanted = await countByTcpdump(path, filter);
      const { end, published } = await replay(path, filter);
      // What does not compile for this link is an error for both.
      if (wanted === undefined) expect([filter, end.error?.code]).toEqual([filter, 'ERR_TAP_BAD_FILTER']);
      else expect([filter, end.reason, published]).toEqual([filter, 'finished', wanted]);
    }
  });

  it('can be told to stop while it waits for a program', async () => {
    using ring = makeTestRing();
    const outcome = await replayWith(ring.handle, (replay) => replay.stop());
    expect(outcome).toBe(STOPPED);
    expect(ring.counters.published).toBe(0);
  });

  it('does not go round for ever with a program that passes nothing', async () => {
    using ring = makeTestRing();
    const nothing = Uint8Array.of(6, 0, 0, 0, 0, 0, 0, 0);
    const outcome = await replayWith(ring.handle, (replay, linktype) => replay.setFilter(linktype, nothing));
    expect(outcome).toBe(FINISHED);
    expect(ring.counters).toMatchObject({ received: DEMO_PACKETS, published: 0 });
  });

  it.each([
    ['jumps out of itself', [0x05, 0, 0, 0, 9, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]],
    ['jumps out of itself on a condition', [0x15, 0, 0, 9, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]],
    ['runs out of itself', [0x00, 0, 0, 0, 0, 0, 0, 0]],
    ['touches memory that is not there', [0x60, 0, 0, 0, 16, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]],
    ['stores where no memory is', [0x02, 0, 0, 0, 16, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]],
  ])('refuses a program that %s', (_, program) => {
    const replay = new (core().Replay)(FILTERED);
    expect(() => replay.setFilter(1, Uint8Array.from(program))).toThrow(/not a valid filter program/);
  });

  it('passes everything through an empty filter', async () => {
    expect((await replay(DEMO_PCAP, '')).published).toBe(DEMO_PACKETS);
  });

  it('refuses a filter whose program loops, as the kernel does', async () => {
    const { end } = await replay(DEMO_PCAP, 'ip protochain 6');
    expect(end.error).toMatchObject({ code: 'ERR_TAP_BAD_FILTER' });
  });
});

/** How a filtered replay ends, and how many packets it let through. */
async function replay(path: string, filter: string): Promise<{ end: SourceEnd; published: number }> {
  using bench = new SavefileBench();
  const { end } = await bench.replayFile(path, { filter });
  return { end, published: bench.ring.counters.published };
}

/** undefined: the filter does not compile for the file's link type. */
async function countByTcpdump(path: string, filter: string): Promise<number | undefined> {
  try {
    const text = await output('tcpdump', ['-n', '-r', path, '--count', filter]);
    return Number(/^(\d+) packets?/m.exec(text.toString())![1]);
  } catch {
    return undefined;
  }
}
