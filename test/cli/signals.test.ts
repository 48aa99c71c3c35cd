// Signals: SIGINT, SIGTERM and SIGHUP end a command in good order, with its statistics; SIGUSR1 prints a line and does nothing
// else, above all it does not open Node's inspector.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEMO_PCAP, DEMO_PCAPNG, makeTapFolder, type Running } from '../support/pkttap.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const HANG_UP = join(import.meta.dirname, '../programs/hang-up.py');

const noVeth = await whyNoVeth();

/** TCP sockets of a process that listen, as the kernel sees them (state 0A of /proc/net/tcp). */
function listeningSockets({ pid }: Running): string[] {
  const descriptors = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  const inodes = descriptors.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
  const tables = ['tcp', 'tcp6'].flatMap((name) => readFileSync(`/proc/${pid}/net/${name}`, 'utf8').split('\n'));
  const rows = tables.map((row) => row.trim().split(/\s+/));
  return rows.filter((row) => row[3] === '0A' && inodes.includes(row[9]!)).map((row) => row[1]!);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  describe(signal, () => {
    it('ends a replay and its consumers with their statistics and status 0', async () => {
      const folder = makeTapFolder();
      const replay = folder.start(['replay', '-l', '0', '--wait-for', '2', DEMO_PCAP]);
      const attach = folder.start(['attach', 'replay', '--wait']);
      const analyze = folder.start(['analyze', 'replay', '--wait']);
      await attach.printed('\n');
      replay.signal(signal);
      expect((await replay.ended).stderr).toMatch(/^\d+ packets? \(\d+ bytes\) replayed in /m);
      expect((await attach.ended).stderr).toMatch(/^\d+ packets? received, 0 missed\n$/);
      expect((await analyze.ended).stderr).toMatch(/^\d+ packets? received, 0 missed$/m);
      for (const { ended } of [replay, attach, analyze]) expect((await ended).status).toBe(0);
    });

    it('ends a consumer with its statistics and status 0, and its file is whole', async () => {
      const folder = makeTapFolder();
      folder.start(['replay', '-l', '0', '--wait-for', '1', DEMO_PCAP]);
      const attach = folder.start(['attach', 'replay', '--wait', '-w', 'out.pcapng']);
      await folder.untilStats('replay', ({ consumers }) => consumers.some(({ delivered }) => delivered > 0));
      attach.signal(signal);
      const { status, stderr } = await attach.ended;
      expect(stderr).toMatch(/^\d+ packets? received, 0 missed(, \d+ not read)?\n\d+ packets? written\n$/);
      expect(status).toBe(0);
      const [, written] = /^(\d+) packets? written$/m.exec(stderr)!;
      const { stdout } = await folder.spawn('capinfos', ['-TmMrc', 'out.pcapng']).ended;
      expect(stdout.toString()).toBe(`out.pcapng,${written}\n`);
    });

    it('ends a replay that waits for consumers', async () => {
      const replay = makeTapFolder().start(['replay', '--wait-for', '1', DEMO_PCAP]);
      await replay.said('waiting for 1 consumer');
      replay.signal(signal);
      expect((await replay.ended).status).toBe(0);
    });

    it('ends a consumer that waits for its tap', async () => {
      const attach = makeTapFolder().start(['attach', 'nosuch', '--wait'], { env: { NODE_DEBUG: 'timer' } });
      // Timers run: it looks for the tap again and again.
      await attach.said(/TIMER/);
      attach.signal(signal);
      expect((await attach.ended).status).toBe(0);
    });

    it('ends stats --watch with status 0', async () => {
      const folder = makeTapFolder();
      folder.start(['replay', '--wait-for', '1', DEMO_PCAP]);
      await folder.untilStats('replay', () => true);
      const watch = folder.start(['stats', 'replay', '--watch']);
      await watch.printed('0 consumers');
      watch.signal(signal);
      expect(await watch.ended).toMatchObject({ status: 0, stderr: '' });
    });

    it("ends a capture with tcpdump's statistics and status 0", async (context) => {
      if (noVeth) return context.skip(noVeth);
      await using pair = await makeVethPair();
      const folder = makeTapFolder();
      const capture = folder.start(['capture', pair.far, '--tap', 'v']);
      await folder.untilStats('v', ({ state }) => state === 'running');
      capture.signal(signal);
      const { status, stderr } = await capture.ended;
      const end = '0 packets captured\n0 packets received by filter\n0 packets dropped by kernel\n';
      expect(stderr).toContain(`listening on ${pair.far}, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n`);
      expect(stderr.endsWith(end), stderr).toBe(true);
      expect(status).toBe(0);
    });
  });
}

describe('a terminal that is closed', () => {
  it('ends a replay in good order', async () => {
    const folder = makeTapFolder();
    const replay = folder.spawn('python3', [HANG_UP, 'pkttap', 'replay', '-l', '0', DEMO_PCAP]);
    await folder.untilStats('replay', ({ published }) => published > 0);
    const attach = folder.start(['attach', 'replay']);
    await attach.printed('\n');
    replay.stdin.end('now\n');
    expect((await replay.ended).stdout.toString()).toBe('0\n');
    expect((await attach.ended).status).toBe(0);
  });
});

describe('SIGUSR1', () => {
  it('prints a line of statistics and opens no inspector', async () => {
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '-l', '0', '--wait-for', '1', DEMO_PCAPNG]);
    const attach = folder.start(['attach', 'replay', '--wait']);
    await attach.printed('\n');
    replay.signal('SIGUSR1');
    attach.signal('SIGUSR1');
    await replay.said(/^pkttap: \d+ received, \d+ published, 1 consumer$/m);
    await attach.said(/^pkttap: \d+ packets? received, 0 missed/m);
    expect([...listeningSockets(replay), ...listeningSockets(attach)]).toEqual([]);
    replay.signal('SIGINT');
    for (const { ended } of [replay, attach]) {
      const { status, stderr } = await ended;
      expect(stderr).not.toContain('Debugger');
      expect(status).toBe(0);
    }
  });

  it('does nothing to a command that has no statistics yet', async () => {
    const folder = makeTapFolder();
    const attach = folder.start(['attach', 'replay', '--wait'], { env: { NODE_DEBUG: 'timer' } });
    await attach.said(/TIMER/);
    attach.signal('SIGUSR1');
    folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAP]);
    const { status, stderr } = await attach.ended;
    expect(stderr).not.toContain('Debugger');
    expect(status).toBe(0);
  });
});
