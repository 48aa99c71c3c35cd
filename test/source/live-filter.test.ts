// The filter of a live capture: in the kernel where it can be, exchanged while packets flow without losing one.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PacketView } from '../../src/packet/packet-view.js';
import { openLive } from '../../src/source/live.js';
import { concat, hex } from '../support/frames.js';
import { startLive } from '../support/live-capture.js';
import { makeTestRing } from '../support/test-ring.js';
import { savefileOf, udpSavefile } from '../support/udp-savefile.js';
import { until } from '../support/until.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const reasonToSkip = await whyNoVeth();
beforeEach((context) => {
  if (reasonToSkip) context.skip(reasonToSkip);
});

const portOf = (packet: PacketView) => packet.u16(36);
/** Packets of a udpSavefile have source ports of their own. */
const numberOf = (packet: PacketView) => packet.u16(34);

/** More instructions than the kernel takes, for what no packet here has. */
const NEVER_SENT = Array.from({ length: 620 }, (_, i) => `udp[udp[${8 + i}]:4] = 0xff00ff00`).join(' or ');
const TOO_LONG = `udp dst port 80 or ${NEVER_SENT}`;

describe('the filter of a live capture', () => {
  it('can be exchanged fifty times under load: what matches both is there once, and each packet matched', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    using witnessed = makeTestRing();
    const sent = udpSavefile(10_000, { ports: [53, 54, 53, 55], payload: 40 });
    const filters = ['udp dst port 53 or udp dst port 54', 'udp dst port 53 or udp dst port 55'] as const;
    await using witness = startLive(witnessed, [pair.far], { timeoutMs: 1 });
    await using capture = startLive(ring, [pair.far], { filter: filters[0] });

    let isSent = false;
    const sending = pair.send(sent.path, pair.near, '--pps=10000').then(() => {
      isSent = true;
    });
    for (let i = 1; i <= 50; i++) {
      await until(() => isSent || witnessed.counters.published >= i * 190);
      await capture.source.setFilter(filters[i % 2]!);
    }
    await sending;
    await witness.finish();
    await capture.finish();

    expect(ring.counters.kernelDropped).toBe(0);
    expect(witnessed.counters.kernelDropped).toBe(0);
    const [ours, all] = [ring.read(), witnessed.read()];
    const always = (packets: PacketView[]) => packets.filter((packet) => portOf(packet) === 53).map(numberOf);
    expect(always(all).length).toBeGreaterThan(1000);
    expect(always(ours).sort()).toEqual(always(all).sort());
    expect(new Set(ours.map(numberOf)).size).toBe(ours.length);
    expect(ring.interfaces.map(({ name, filter }) => [name, filter])).toEqual(
      Array.from({ length: 51 }, (_, i) => [pair.far, filters[i % 2]]),
    );
  });

  it('lets pass what matches the new one alone, once the exchange has been answered', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const sent = udpSavefile(300, { ports: [53, 80, 443] });
    await using capture = startLive(ring, [pair.far], { filter: 'udp dst port 80' });
    await pair.send(sent.path);
    await until(() => ring.counters.published === 100);
    await capture.source.setFilter('udp dst port 443');
    await pair.send(sent.path);
    await until(() => ring.counters.published === 200);
    await capture.source.setFilter('');
    await pair.send(sent.path);
    await until(() => ring.counters.published === 500);
    await capture.finish();

    const packets = ring.read();
    const perFilter = ring.interfaces.map(({ index }) => packets.filter((packet) => packet.interface.index === index));
    expect(perFilter.map(({ length }) => length)).toEqual([100, 100, 300]);
    expect(new Set(perFilter[0]!.map(portOf))).toEqual(new Set([80]));
    expect(new Set(perFilter[1]!.map(portOf))).toEqual(new Set([443]));
    expect(ring.interfaces.map(({ filter }) => filter)).toEqual(['udp dst port 80', 'udp dst port 443', undefined]);
  });

  it('is exchanged on all devices, or on none', async () => {
    await using one = await makeVethPair();
    await using two = await makeVethPair();
    using ring = makeTestRing();
    await using capture = startLive(ring, [one.far, two.far], { filter: 'udp dst port 53' });
    await expect(capture.source.setFilter('udp port nonsense')).rejects.toMatchObject({
      name: 'CaptureError',
      code: 'ERR_TAP_BAD_FILTER',
      message: expect.stringContaining("unknown port 'nonsense'"),
    });
    await one.send(udpSavefile(30, { ports: [53, 80] }).path);
    await until(() => ring.counters.published === 15);
    await capture.source.setFilter('udp dst port 80');
    const { path } = udpSavefile(40, { ports: [53, 80] });
    await Promise.all([one.send(path), two.send(path)]);
    await until(() => ring.counters.published === 55);
    await capture.finish();

    const ports = ring.read().map(portOf);
    expect(ports).toEqual([...Array(15).fill(53), ...Array(40).fill(80)]);
    expect(ring.interfaces.map(({ name }) => name)).toEqual([one.far, two.far, one.far, two.far]);
  });

  it('can be longer than the kernel takes, from the beginning and later', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const { path } = udpSavefile(300, { ports: [53, 80, 443] });
    await using capture = startLive(ring, [pair.far], { filter: TOO_LONG });
    await pair.send(path);
    await until(() => ring.counters.published === 100);
    await capture.source.setFilter('udp dst port 443');
    await pair.send(path);
    await until(() => ring.counters.published === 200);
    await capture.source.setFilter(TOO_LONG);
    await pair.send(path);
    await until(() => ring.counters.published === 300);
    await capture.finish();
    expect(ring.read().map(portOf)).toEqual([80, 443, 80].flatMap((port) => Array(100).fill(port)));
    expect(ring.counters).toMatchObject({ received: 300, published: 300, kernelDropped: 0 });
  });

  it('is compiled by another thread than those that take packets', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    await using capture = startLive(ring, [pair.far]);
    // A thread gives itself its name.
    await until(() => captureThreads().length === 1);
    const before = [captureThreadsMs(), processMs()] as const;
    await capture.source.setFilter(Array.from({ length: 160 }, (_, i) => `host 10.${i}.7.13`).join(' or '));
    const compiling = processMs() - before[1];
    expect(compiling).toBeGreaterThan(50);
    expect(captureThreadsMs() - before[0]).toBeLessThan(compiling / 2);
  });

  it('is the one that was asked for last, however long the one before takes to compile', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    await using capture = startLive(ring, [pair.far]);
    const long = Array.from({ length: 80 }, (_, i) => `host 10.${i}.7.13`).join(' or ');
    await Promise.all([long, 'udp dst port 53'].map((filter) => capture.source.setFilter(filter)));
    expect(ring.interfaces.map(({ filter }) => filter)).toEqual([undefined, long, 'udp dst port 53']);
  });

  it('finds the VLAN tags that the kernel took out of packets, from the beginning and later', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    const { frames } = udpSavefile(10);
    const tag = hex('81000007');
    const tagged = savefileOf(frames.map((frame) => concat(frame.subarray(0, 12), tag, frame.subarray(12))));
    await using capture = startLive(ring, [pair.far], { filter: 'vlan 7 and udp' });
    await pair.send(udpSavefile(10).path);
    await pair.send(tagged);
    await until(() => ring.counters.published === 10);
    await capture.source.setFilter('vlan 8');
    await pair.send(tagged);
    await capture.source.setFilter('vlan and udp dst port 53');
    await pair.send(tagged);
    await until(() => ring.counters.published === 20);
    await capture.finish();
    expect(ring.read().map((packet) => packet.u16(12))).toEqual(Array(20).fill(0x8100));
  });

  it('can ask what only the kernel knows of a packet, but not if it is too long for the kernel', async () => {
    await using pair = await makeVethPair();
    using ring = makeTestRing();
    await using capture = startLive(ring, [pair.far], { filter: 'inbound and udp' });
    await pair.send(udpSavefile(20).path, pair.far);
    await pair.send(udpSavefile(30).path, pair.near);
    await until(() => ring.counters.published === 30);
    await expect(capture.source.setFilter(`inbound and (${TOO_LONG})`)).rejects.toMatchObject({
      code: 'ERR_TAP_BAD_FILTER',
      message: expect.stringContaining('only the kernel of a live device knows'),
    });
    expect(await capture.finish()).toEqual({ reason: 'stopped' });
    expect(ring.counters).toMatchObject({ received: 30, kernelDropped: 0 });
  });

  it.each(['LINUX_SLL', 'LINUX_SLL2'])(
    'works on all devices at once, in cooked headers as well: %s',
    async (linktype) => {
      await using pair = await makeVethPair();
      using ring = makeTestRing();
      // Two ports of this process's own: other tests may be sending at the same time.
      const port = 3000 + 2 * (process.pid % 3000);
      const sent = udpSavefile(50, { ports: [port, port + 1], broadcast: true });
      await using capture = startLive(ring, ['any'], { linktype, filter: `ip and udp dst port ${port}` });
      await pair.send(sent.path);
      await until(() => ring.counters.published === 50);
      // A field of the header that the kernel has no name for: the address is as long as it is on Ethernet.
      const addressLength = linktype === 'LINUX_SLL' ? 'link[4:2]' : 'link[11]';
      await capture.source.setFilter(`${addressLength} = 6 and udp dst port ${port + 1}`);
      await pair.send(sent.path);
      await until(() => ring.counters.published === 100);
      await capture.finish();
      const at = linktype === 'LINUX_SLL' ? 16 : 20;
      const ports = ring.read().map((packet) => packet.u16(at + 22));
      expect(ports).toEqual([...Array(50).fill(port), ...Array(50).fill(port + 1)]);
    },
  );

  it('is refused before packets flow, and after', async () => {
    using ring = makeTestRing();
    const source = openLive(['lo'], { filter: 'udp dst port 9' });
    await expect(source.setFilter('')).rejects.toMatchObject({ code: 'ERR_TAP_REFUSED' });
    const ended = new Promise((resolve) => source.start(ring.handle, resolve));
    source.stop();
    await ended;
    await expect(source.setFilter('')).rejects.toMatchObject({ code: 'ERR_TAP_REFUSED' });
  });
});

describe('the socket of a live capture', () => {
  it('is not inherited by programs that the tap starts', () => {
    const before = new Set(sockets().keys());
    const source = openLive(['lo']);
    const opened = [...sockets()].filter(([name]) => !before.has(name));
    source.close();
    expect(opened).toHaveLength(1);
    expect(opened[0]![1] & O_CLOEXEC).not.toBe(0);
  });
});

/** As Linux has it on x86-64 and arm64. */
const O_CLOEXEC = 0o2000000;

/** This process's sockets, and the flags of their descriptors. */
function sockets(): Map<string, number> {
  const found = new Map<string, number>();
  for (const fd of readdirSync('/proc/self/fd')) {
    const name = nameOf(fd);
    if (!name.startsWith('socket:')) continue;
    const [flags = ''] = /(?<=^flags:\s+)\d+/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
    found.set(name, Number.parseInt(flags, 8));
  }
  return found;
}

/** Processor time of this process, in milliseconds. */
function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** That of its threads that capture: fields 14 and 15 of proc(5)'s stat, in ticks of 10 ms. */
function captureThreadsMs(): number {
  return captureThreads()
    .map((stat) => stat.slice(stat.indexOf(')') + 2).split(' '))
    .reduce((sum, fields) => sum + 10 * (Number(fields[11]) + Number(fields[12])), 0);
}

/** What proc(5) has of each in `stat`. */
function captureThreads(): string[] {
  const stats = readdirSync('/proc/self/task').map((id) => readOrNothing(`/proc/self/task/${id}/stat`));
  return stats.filter((stat) => stat.includes('(pkttap-capture)'));
}

/** A thread may have ended meanwhile. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The descriptor that lists the others is gone by now. */
function nameOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
