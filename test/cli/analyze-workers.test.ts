// analyze --workers: what several threads find together is what one finds alone, in one output.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEMO_PACKETS, DEMO_PCAP, makeTapFolder } from '../support/pkttap.js';

type Json = Record<string, unknown>;

function eventsOf(text: string): Json[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
}

/** What a flow event says, but for what differs from run to run: in which order flows were found. */
function flowsOf(events: readonly Json[]): string[] {
  const flows = events.filter(({ event_type }) => event_type === 'flow');
  return flows.map(({ community_id, flow }) => `${community_id} ${(flow as Json).bytes_toserver}`).sort();
}

describe('analyze --workers', () => {
  it('finds what a single thread finds', async () => {
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '-t', '--wait-for', '4', DEMO_PCAP]);
    const many = folder.start(['analyze', 'replay', '--wait', '--workers', '3', '-w', folder.file('many.json')]);
    const one = folder.start(['analyze', 'replay', '--wait']);
    for (const { ended } of [replay, many, one]) expect((await ended).status).toBe(0);
    const together = eventsOf(readFileSync(folder.file('many.json'), 'utf8'));
    const alone = eventsOf(one.stdout);
    expect(flowsOf(together)).toEqual(flowsOf(alone));
    expect(flowsOf(alone).length).toBeGreaterThan(3);
    expect(together.filter(({ event_type }) => event_type === 'stats')).toHaveLength(1);
    expect(together.at(-1)).toMatchObject({ event_type: 'stats', stats: { decoder: { pkts: DEMO_PACKETS } } });
    expect(many.stderr).toContain(`${DEMO_PACKETS} packets received, 0 missed`);
    expect(many.stderr).toMatch(new RegExp(`^packets +${DEMO_PACKETS}$`, 'm'));
  });

  it('ends in good order when it is told to', async () => {
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '-p', '100', '-l', '0', '--wait-for', '2', DEMO_PCAP]);
    const analyze = folder.start(['analyze', 'replay', '--wait', '--workers', '2', '-q']);
    await folder.untilStats('replay', ({ consumers }) => consumers.some(({ delivered }) => delivered > 0));
    analyze.signal('SIGINT');
    const { status, stdout, stderr } = await analyze.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(eventsOf(stdout.toString()).at(-1)).toMatchObject({ event_type: 'stats' });
    replay.signal('SIGINT');
    expect((await replay.ended).status).toBe(0);
  });

  it('says once what is wrong with the tap, and fails', async () => {
    const folder = makeTapFolder();
    const { status, stderr } = await folder.run(['analyze', 'nobody', '--workers', '2']);
    expect(status).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining('nobody')]);
  });

  it('refuses a share beside its own', async () => {
    const { status, stderr } = await makeTapFolder().run(['analyze', 'x', '--workers', '2', '--share', '1/2']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('--share') as string });
  });
});
