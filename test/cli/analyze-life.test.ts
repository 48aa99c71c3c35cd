// What becomes of analyze when something dies, or somebody asks how it goes: with one worker and with several.

import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEMO_PACKETS, DEMO_PCAP, makeTapFolder, type Running, type TapFolder } from '../support/pkttap.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { until } from '../support/until.js';

type Json = Record<string, unknown>;

const WORKERS = [['one', []] as const, ['two workers', ['--workers', '2']] as const];

function eventsIn(text: string): Json[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
}

/** A replay that does not end by itself, and whose packets come slowly. */
function startEndless(folder: TapFolder, workers: readonly string[]): Running {
  return folder.start(['replay', '-p', '500', '-l', '0', '--wait-for', String(workers[1] ?? 1), DEMO_PCAP]);
}

/** Until each has packets, and all together a whole capture of them: the first few are of no flow. */
function untilDelivered(folder: TapFolder, workers: readonly string[]): Promise<unknown> {
  const count = Number(workers[1] ?? 1);
  return folder.untilStats('replay', ({ consumers }) => {
    const sum = consumers.reduce((all, { delivered }) => all + delivered, 0);
    return consumers.length === count && consumers.every(({ delivered }) => delivered > 0) && sum > DEMO_PACKETS;
  });
}

/** Asks for the summary until there is one with these words. */
async function summaryWith(analyze: Running, words: string): Promise<string> {
  const summaries = () => analyze.stderr.split(/^\d+ packets? received, 0 missed.*\n/m).slice(0, -1);
  for (let asked = 1; !(summaries().at(-1) ?? '').includes(words); asked++) {
    analyze.signal('SIGUSR1');
    await until(() => summaries().length >= asked);
  }
  return summaries().at(-1)!;
}

describe.each(WORKERS)('analyze: %s', (_, workers) => {
  it('tells the whole summary on SIGUSR1, and goes on', async () => {
    const folder = makeTapFolder();
    writeFileSync(folder.file('a.rules'), 'alert ip any any -> any any (msg:"all of them"; dsize:>=0; sid:7;)\n');
    startEndless(folder, workers);
    const analyze = folder.start(['analyze', 'replay', '--wait', '-S', 'a.rules', '-w', '/dev/null', ...workers]);
    await untilDelivered(folder, workers);
    const told = await summaryWith(analyze, 'top alerts');
    expect(told).toMatch(/^packets +\d+$/m);
    expect(told).toMatch(/^flows +\d+$/m);
    expect(told).toMatch(/^protocols\n {2}\S+ +[\d,]+ packets/m);
    expect(told).toMatch(/^top alerts\n {2}7 all of them +[\d,]+ alerts/m);
    expect(told).toMatch(/^top talkers\n/m);
    const { consumers } = await folder.untilStats('replay', () => true);
    await folder.untilStats('replay', (now) => now.consumers[0]!.delivered > consumers[0]!.delivered);
    analyze.signal('SIGTERM');
    expect((await analyze.ended).status).toBe(0);
  });

  it('reads rules anew on SIGUSR2, in the middle', async () => {
    const folder = makeTapFolder();
    writeFileSync(folder.file('a.rules'), '');
    startEndless(folder, workers);
    const logs = ['-S', 'a.rules', '-w', '/dev/null', '--fast-log', '-'];
    const analyze = folder.start(['analyze', 'replay', '--wait', ...logs, ...workers]);
    await untilDelivered(folder, workers);
    writeFileSync(folder.file('a.rules'), 'alert ip any any -> any any (msg:"new"; dsize:>=0; sid:9;)\n');
    analyze.signal('SIGUSR2');
    await analyze.printed('[1:9:0] new');
    analyze.signal('SIGTERM');
    expect((await analyze.ended).status).toBe(0);
  });

  it('tells what it has when the tap dies, and fails', async () => {
    const folder = makeTapFolder();
    const replay = startEndless(folder, workers);
    const analyze = folder.start(['analyze', 'replay', '--wait', ...workers]);
    await untilDelivered(folder, workers);
    replay.signal('SIGKILL');
    const { status, stdout, stderr } = await analyze.ended;
    expect({ status, stderr }).toMatchObject({ status: 1 });
    expect(stderr.match(/^pkttap: /gm)).toHaveLength(1);
    expect(stderr).toContain('died');
    const events = eventsIn(stdout.toString());
    expect(events.some(({ flow }) => (flow as Json | undefined)?.reason === 'shutdown')).toBe(true);
    expect(events.filter(({ event_type }) => event_type === 'stats')).toEqual([events.at(-1)]);
  });
});

describe('analyze of which one worker dies', () => {
  /** Loaded into every thread: what the second worker would hand over is its end. */
  const DEADLY = `import { parentPort, workerData } from 'node:worker_threads';
    if (workerData?.index === 2) parentPort.postMessage = () => { throw new Error('on purpose'); };`;

  it('says so, ends the others in good order, and fails', async () => {
    const folder = makeTapFolder();
    writeFileSync(folder.file('deadly.mjs'), DEADLY);
    const rule = 'alert ip any any -> any any (msg:"x"; threshold:type limit,track by_src,count 1,seconds 1; sid:1;)\n';
    writeFileSync(folder.file('a.rules'), rule);
    startEndless(folder, ['--workers', '3']);
    const env = { NODE_OPTIONS: `--import=${folder.file('deadly.mjs')}` };
    const analyze = folder.start(['analyze', 'replay', '--wait', '-S', 'a.rules', '--workers', '3'], { env });
    const { status, stdout, stderr } = await analyze.ended;
    expect({ status, stderr }).toMatchObject({ status: 1 });
    expect(stderr.match(/^pkttap: worker 2 of 3 has died: Error: on purpose$/gm)).toHaveLength(1);
    expect(eventsIn(stdout.toString()).at(-1)).toMatchObject({ event_type: 'stats' });
  });
});

describe.each(WORKERS)('analyze that is too slow for a tap which drops: %s', (_, workers) => {
  const PACKETS = 6000;

  it('counts each packet that it missed, once', async () => {
    const folder = makeTapFolder();
    const consumers = Number(workers[1] ?? 1);
    const { path } = udpSavefile(PACKETS, { payload: 950 });
    const options = ['--ring-size', '1M', '--on-slow', 'drop', '--wait-for', String(consumers + 1)];
    const replay = folder.start(['replay', '-t', ...options, path]);
    const analyze = folder.start(['analyze', 'replay', '--wait', ...workers]);
    await folder.untilStats('replay', (stats) => stats.consumers.length === consumers);
    analyze.signal('SIGSTOP');
    const other = folder.start(['attach', 'replay', '-q', '-w', '/dev/null']);
    await replay.ended;
    analyze.signal('SIGCONT');
    const { status, stdout, stderr } = await analyze.ended;
    expect({ status, other: (await other.ended).status }).toEqual({ status: 0, other: 0 });
    const { stats } = eventsIn(stdout.toString()).at(-1) as { stats: Record<string, Record<string, number>> };
    const { missed = 0, overwritten = 0 } = stats.pkttap!;
    expect(missed).toBeGreaterThan(0);
    expect(stats.decoder!.pkts! + missed + overwritten).toBe(PACKETS);
    const [received, told] = /(\d+) packets? received, (\d+) missed/.exec(stderr)!.slice(1).map(Number);
    expect([received! + told!, told]).toEqual([PACKETS, missed]);
  });
});
