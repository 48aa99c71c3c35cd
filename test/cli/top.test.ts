// pkttap top as a process: text and JSON where there is no terminal, and the whole screen where there is one, given back at the end.

import { describe, expect, it } from 'vitest';
import type { TopReport } from '../../src/cli/top-report.js';
import { linesOf } from '../../src/cli/top-text.js';
import { DEMO_PCAP, makeTapFolder, type TapFolder } from '../support/pkttap.js';
import { run } from '../support/run.js';
import { untilFound } from '../support/until.js';

const reasonForNoTerminal = (await run('sh', ['-c', 'command -v script'])).status === 0 ? '' : 'needs script(1)';

/** A replay that goes on for as long as the test. */
async function replayForEver(folder: TapFolder): Promise<void> {
  folder.start(['replay', '-l', '0', '-p', '2000', DEMO_PCAP]);
  await folder.untilStats('replay', ({ published }) => published > 0);
}

/** Looks until a look has flows. What was looked at late had been published before: then the tap may have stood still since. */
async function lookAtFlows(folder: TapFolder): Promise<TopReport> {
  const top = folder.start(['top', 'replay', '-d', '0.2', '--json']);
  const report = await untilFound(() => {
    const reports = top.stdout.split('\n').slice(0, -1);
    return reports
      .map((line) => JSON.parse(line) as TopReport)
      .find(({ flows, packetsPerSecond }) => flows.length > 0 && packetsPerSecond > 0);
  });
  top.signal('SIGINT');
  expect((await top.ended).status).toBe(0);
  return report;
}

describe('top', () => {
  it('tells rates, consumers, flows and talkers as JSON', async () => {
    const folder = makeTapFolder();
    await replayForEver(folder);
    const report = await lookAtFlows(folder);
    expect(report).toMatchObject({ tap: 'replay', state: 'running', source: DEMO_PCAP });
    expect(report.lookedAt).toBeGreaterThan(0);
    expect(report.consumers.map(({ name }) => name.split(':')[0])).toEqual(['top']);
    expect(report.talkers.length).toBeGreaterThan(0);
    // A replay can't know what its capture lost.
    expect(report).not.toHaveProperty('kernelDropped');
    for (const { client, server, protocol, packetsPerSecond } of report.flows) {
      expect([client, server].every((end) => /^[0-9a-f.:[\]]+$/.test(end))).toBe(true);
      expect(protocol).toMatch(/^(TCP|UDP|ICMP|IPv6-ICMP|IGMP)$/);
      expect(packetsPerSecond).toBeGreaterThan(0);
    }
  });

  it('prints a block for each look where there is no terminal', async () => {
    const folder = makeTapFolder();
    await replayForEver(folder);
    const { status, stdout, stderr } = await folder.run(['top', 'replay', '-d', '0.1', '-n', '2']);
    expect([status, stderr]).toEqual([0, '']);
    const text = stdout.toString();
    expect(text.match(/^\d\d:\d\d:\d\d {2}tap replay, running, from .*demo\.pcap$/gm)).toHaveLength(2);
    expect(text).toMatch(/^dropped by kernel unknown, by interface unknown$/m);
    expect(text).toMatch(/^CONSUMER +PID +POLICY +PACKETS\/S +MISSED\/S +MISSED +LAG$/m);
    expect(text).not.toContain('\x1b');
  });

  it('ends when the tap does', async () => {
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '-p', '0.001', DEMO_PCAP]);
    await folder.untilStats('replay', ({ state }) => state === 'running');
    const top = folder.start(['top', 'replay', '-d', '1000']);
    await folder.untilStats('replay', ({ consumers }) => consumers.length === 1);
    replay.signal('SIGTERM');
    expect((await top.ended).status).toBe(0);
  });

  it('refuses a tap that is not there', async () => {
    const { status, stderr } = await makeTapFolder().run(['top', 'nowhere']);
    expect(status).toBe(1);
    expect(stderr).toContain('no tap called nowhere');
  });

  it('shows no control characters of others', () => {
    const rates = { packetsPerSecond: 0, bitsPerSecond: 0 };
    const report: TopReport = {
      ...rates,
      time: '2026-11-01T00:00:00.000Z',
      tap: 't',
      state: 'running',
      source: 'evil\x1b[2J.pcap',
      seconds: 1,
      published: 0,
      consumers: [],
      lookedAt: 0.5,
      flows: [],
      talkers: [],
      other: rates,
    };
    const lines = linesOf(report);
    expect(lines[0]).toBe('00:00:00  tap t, running, from evil?[2J.pcap');
    expect(lines.at(-1)).toBe('flows and talkers: scaled up from 50.0 % of the packets');
  });
});

describe.skipIf(reasonForNoTerminal)('top at a terminal', () => {
  const ENTER = '\x1b[?1049h';
  const LEAVE = '\x1b[?25h\x1b[?1049l';

  it.each([
    ['q', 'q'],
    ['Ctrl-C', '\x03'],
  ])('has the screen, looks at once at a blank, and gives all back at %s', async (_, key) => {
    const folder = makeTapFolder();
    await replayForEver(folder);
    const terminal = folder.spawn('script', ['-qefc', 'pkttap top replay -d 1000', '/dev/null']);
    await terminal.printed(ENTER);
    await folder.untilStats('replay', ({ consumers }) => consumers.length === 1);
    // The first look is a second process's business: until it waits, a blank means nothing.
    const asking = setInterval(() => terminal.stdin.write(' '), 50);
    await terminal.printed('tap replay, running').finally(() => clearInterval(asking));
    terminal.stdin.write(key);
    expect((await terminal.ended).status).toBe(0);
    expect(terminal.stdout.endsWith(LEAVE)).toBe(true);
  });
});
