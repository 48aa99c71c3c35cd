// What a consumer chooses at attach, through a real tap: filters that the tap compiles, interfaces, sampling, snaplen, the
// policy newest, and how it waits.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attach } from '../../src/consumer/attach.js';
import type { Consumer } from '../../src/consumer/consumer.js';
import type { Policy, StartAt } from '../../src/control/messages.js';
import { ReplaySource } from '../../src/source/replay.js';
import { Tap } from '../../src/tap/tap.js';
import { DEMO_PCAP } from '../support/pkttap.js';
import { output } from '../support/run.js';
import { balanceOf, numberedSavefile, openTap, range, sequencesOf, testFolder } from '../support/taps.js';
import { until } from '../support/until.js';

/** The ring's first packet has number 0; byte 0 of packet n is n modulo 256. */
const EVEN = 'ether[0] & 1 = 0';

describe('a filter', () => {
  it.each(['tcp', 'udp port 53', 'ip6 or arp', 'tcp[tcpflags] & tcp-syn != 0', 'host 10.0.0.1', 'less 100'])(
    'of "%s" selects what tcpdump does',
    async (filter) => {
      const directory = testFolder();
      const source = new ReplaySource([DEMO_PCAP], { pace: { kind: 'topspeed' } });
      await using tap = Tap.open({ name: 't', source, directory });
      await using consumer = await attach('t', { directory, filter });
      tap.start();
      const read = await sequencesOf(consumer);
      const lines = String(await output('tcpdump', ['-n', '-r', DEMO_PCAP, filter]));
      expect(read.length).toBe(lines.split('\n').filter((line) => /^\d\d:/.test(line)).length);
      expect(balanceOf(consumer)).toMatchObject({ delivered: read.length, missed: 0, lag: 0 });
    },
  );

  it('is seen in the statistics of the tap as what it passed over', async () => {
    const { tap, attach } = openTap({ packets: 1000 });
    const consumer = await attach({ filter: EVEN, sample: 5, snaplen: 20 });
    tap.start();
    const packets: number[] = [];
    for await (const batch of consumer)
      for (const packet of batch) {
        expect(packet.caplen).toBe(20);
        packets.push(Number(packet.sequence));
      }
    expect(packets).toEqual(range(0, 100).map((i) => i * 10 + 8));
    expect(tap.stats().consumers).toMatchObject([{ delivered: 100, filtered: 900, missed: 0, lag: 0 }]);
  });

  it.each([
    ['does not parse', 'tcp and and udp', /syntax error/],
    ['asks for the name of a host', 'host example.com', /looks up no names.*"example\.com"/],
    ['asks for a name behind an operator', 'port 80 or example', /"example"/],
    ['asks for an escaped name', 'host \\tcp', /\\\\tcp/],
    ['asks for a name in capital letters', 'host TCP', /"TCP"/],
    ['asks for a name that looks like an address', 'host dead:beef', /"dead:beef"/],
    ['asks for a name that looks like a range', 'host 80-90', /"80-90"/],
    ['is longer than the longest', Array(200).fill('port 80').join(' or '), /1024/],
    ['needs a loop', 'ip6 protochain 6', /loop/],
  ])('that %s is refused', async (_, filter, reason) => {
    const { tap, attach } = openTap();
    tap.start();
    await tap.ended;
    const refused = expect.objectContaining({ code: 'ERR_TAP_BAD_FILTER', message: expect.stringMatching(reason) });
    await expect(attach({ filter })).rejects.toEqual(refused);
    await until(() => tap.stats().consumers.length === 0);
  });

  it.each([
    'port domain or portrange 20-ftp',
    'ip proto \\tcp or ether proto \\arp',
    'ether host 0:11:22:33:44:55 and not ip6 net fe80::/10',
    'net 10.0 or net 192.168.1.0 mask 255.255.255.0',
    'tcp[13:1] & 0x12 = 18 and ip[2:2] - 20 > 8',
    'host ::1 and (icmp6 or vlan 5)',
    'wlan type mgt subtype beacon',
  ])('of "%s" is no name of a host', async (filter) => {
    const { attach } = openTap();
    expect((await attach({ filter })).counters().filtered).toBe(0);
  });

  it('too long for one message goes in parts', async () => {
    const { tap, attach } = openTap({ packets: 300 });
    const hosts = Array.from({ length: 100 }, (_, i) => `::${(i + 1).toString(16)}`);
    const consumer = await attach({ filter: `ip6 host ${hosts.join(' or ')} or ${EVEN}` });
    tap.start();
    expect(await sequencesOf(consumer)).toEqual(range(0, 150).map((i) => 2 * i));
  });

  it('selects nothing of a link type that it does not suit, and says so once', async () => {
    const directory = testFolder();
    const files = [
      numberedSavefile(50, directory, 1),
      numberedSavefile(40, join(directory), 147),
      numberedSavefile(30, directory, 1),
    ];
    const source = new ReplaySource(files, { pace: { kind: 'topspeed' } });
    await using tap = Tap.open({ name: 't', source, directory });
    const warnings: string[] = [];
    const options = {
      directory,
      filter: `not ip6 and ${EVEN}`,
      onWarning: (message: string) => warnings.push(message),
    };
    await using consumer = await attach('t', options);
    tap.start();
    const read = await sequencesOf(consumer);
    expect(read.length).toBe(25 + 15);
    expect(warnings).toEqual([
      expect.stringMatching(/^no packet of link type .* is selected: filter does not compile/),
    ]);
    expect(balanceOf(consumer)).toMatchObject({ filtered: 80, missed: 0, lag: 0 });
  });

  it('of a tap that has gone selects nothing more, and the rest is read to its end', async () => {
    const { tap, attach } = openTap();
    const warnings: string[] = [];
    const consumer = await attach({ filter: 'icmp[0] = 8', onWarning: (message) => warnings.push(message) });
    tap.start();
    await tap.ended;
    await tap.close();
    expect(await sequencesOf(consumer)).toEqual([]);
    expect(balanceOf(consumer)).toMatchObject({ filtered: 100, lag: 0 });
  });
});

describe('interfaces', () => {
  it.each([[[0]], [['1', 1]], [['none']]])('%j are chosen by name or index', async (interfaces) => {
    const directory = testFolder();
    const files = [numberedSavefile(50, directory), numberedSavefile(30, directory)];
    const source = new ReplaySource(files, { pace: { kind: 'topspeed' } });
    await using tap = Tap.open({ name: 't', source, directory });
    await using consumer = await attach('t', { directory, interfaces });
    tap.start();
    const read = await sequencesOf(consumer);
    const expected = interfaces.includes(0) ? range(0, 50) : interfaces.includes(1) ? range(50, 80) : [];
    expect(read).toEqual(expected);
  });

  it('that are not there so far are warned of', async () => {
    const { tap, attach } = openTap();
    tap.start();
    await tap.ended;
    const warnings: string[] = [];
    await attach({ interfaces: ['etx0', 0], onWarning: (message) => warnings.push(message) });
    expect(warnings).toEqual(['the tap has no interface etx0 so far']);
  });
});

describe('the policy newest', () => {
  it('skips what is behind a slow consumer, and is told by the tap', async () => {
    const { tap, attach } = openTap({ packets: 20_000, ringBytes: 4 << 20 });
    const consumer = await attach({ policy: 'newest' });
    expect(consumer.policy).toBe('newest');
    tap.start();
    await tap.ended;
    const read = await sequencesOf(consumer);
    expect(read).toEqual(range(20_000 - read.length, 20_000));
    expect(balanceOf(consumer)).toMatchObject({ delivered: read.length, missed: 20_000 - read.length, lag: 0 });
    expect(read.length).toBeLessThan(2000);
    expect(tap.stats().consumers).toMatchObject([{ policy: 'newest' }]);
  });
});

describe('waiting', () => {
  const packetsIn = (batch: Awaited<ReturnType<Consumer['receivePackets']>>) => [...batch!].length;

  it('for maxWaitMs gives a batch of none, which is not the end', async () => {
    const { tap, attach } = openTap();
    const consumer = await attach({ maxWaitMs: 1 });
    expect(packetsIn(await consumer.receivePackets(10))).toBe(0);
    const sizes: number[] = [];
    for await (const batch of consumer) {
      sizes.push(packetsIn(batch));
      if (sizes.length === 1) tap.start();
    }
    expect(sizes[0]).toBe(0);
    expect(await consumer.receivePackets(10)).toBeNull();
    expect(balanceOf(consumer)).toMatchObject({ delivered: 100, lag: 0 });
  });

  it('gives batches of at most maxPackets', async () => {
    const { tap, attach } = openTap();
    const consumer = await attach({ maxPackets: 30 });
    tap.start();
    await tap.ended;
    const sizes: number[] = [];
    for await (const batch of consumer) sizes.push(packetsIn(batch));
    expect(sizes).toEqual([30, 30, 30, 10]);
  });

  it('twice at once is refused, and the first call goes on', async () => {
    const { tap, attach } = openTap();
    const consumer = await attach();
    const first = consumer.receivePackets(10);
    await expect(consumer.receivePackets(10)).rejects.toThrow(TypeError);
    tap.start();
    expect(packetsIn(await first)).toBe(10);
  });

  it.each([1, 5000, true] as const)('with busyPoll %s gives every packet, and ends as without', async (busyPoll) => {
    const { tap, attach } = openTap({ packets: 1000, replay: { pace: { kind: 'pps', rate: 20_000 } } });
    const consumer = await attach({ busyPoll });
    tap.start();
    expect(await sequencesOf(consumer)).toEqual(range(0, 1000));
  });

  it('with busyPoll ends by a signal, by a close, and by maxWaitMs', async () => {
    const { attach } = openTap();
    const abort = new AbortController();
    const consumer = await attach({ busyPoll: true, signal: abort.signal });
    expect(packetsIn(await consumer.receivePackets(1, { maxWaitMs: 1 }))).toBe(0);
    const received = consumer.receivePackets(1);
    setTimeout(() => abort.abort(new Error('enough')), 1);
    await expect(received).rejects.toThrow('enough');
    const other = await attach({ busyPoll: true });
    setTimeout(() => other.close(), 1);
    expect(await other.receivePackets(1)).toBeNull();
  });
});

it.each([
  // As JavaScript may say it.
  { policy: 'lazy' as Policy },
  { start: 'later' as StartAt },
  { filter: 'x'.repeat(4097) },
  { sample: 0 },
  { sample: 1.5 },
  { snaplen: 0 },
  { snaplen: 262_145 },
  { maxPackets: 0 },
  { maxWaitMs: -1 },
  { busyPoll: -1 },
])('an attach with %j is refused', async (options) => {
  const { attach } = openTap();
  await expect(attach(options)).rejects.toThrow(RangeError);
});
