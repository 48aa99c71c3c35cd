// Several workers, and several processes with fixed shares, find what one worker finds, to the event, whatever lies around the
// packets of a flow and whatever rules remember of addresses.

import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { corpusFiles, corpusPresent } from '../support/corpus.js';
import { makeTapFolder, type TapFolder } from '../support/pkttap.js';
import { savefileOf } from '../support/udp-savefile.js';
import { wrappedFlows } from '../support/wrapped-flows.js';

type Json = Record<string, unknown>;

/** Rules that remember, so that what one packet does decides about others. */
const RULES = `
alert tcp any any -> any any (msg:"limit"; flags:S; threshold:type limit,track by_src,count 2,seconds 30; sid:1;)
alert tcp any any -> any any (msg:"threshold"; flags:S; threshold:type threshold,track by_dst,count 3,seconds 60; sid:2;)
alert ip any any -> any any (msg:"both"; threshold:type both,track by_rule,count 4,seconds 10; sid:3;)
alert ip any any -> any any (msg:"filter"; dsize:>10; detection_filter:track by_src,count 5,seconds 20; sid:4;)
alert udp any any -> any any (msg:"set"; xbits:set,a,track ip_pair,expire 10; sid:5;)
alert ip any any -> any any (msg:"is set"; xbits:isset,a,track ip_pair; threshold:type limit,track by_rule,count 10,seconds 3; sid:6;)
alert tcp any any -> any any (msg:"toggle"; flags:+S; xbits:toggle,b,track ip_dst,expire 100; noalert; sid:7;)
alert tcp any any -> any any (msg:"toggled"; flags:+A; xbits:isset,b,track ip_dst; sid:8;)
alert ip any any -> any any (msg:"every seventh"; threshold:type threshold,track by_rule,count 7,seconds 1000; sid:9;)
`;

/** What can't be the same: numbers of flows, the time at which the end of a flow was noticed, and memory, which each takes. */
function comparable(event: Json): string {
  const { flow_id: _, timestamp, stats, ...others } = event;
  const time = event.event_type === 'alert' && { timestamp };
  const counts = JSON.stringify(stats, (name, value: unknown) => (/memuse/.test(name) ? undefined : value));
  return JSON.stringify({ ...others, ...time, counts });
}

/** All that the runs of analyze with these arguments find together, in order. */
async function eventsOf(folder: TapFolder, captures: readonly string[], runs: readonly (readonly string[])[]) {
  const consumers = runs.reduce((sum, [option, count]) => sum + (option === '--workers' ? Number(count) : 1), 0);
  const replay = folder.start(['replay', '-t', '--merge', '--wait-for', String(consumers), ...captures]);
  const analyzers = runs.map((args) => folder.start(['analyze', 'replay', '--wait', '-S', 'state.rules', ...args]));
  for (const { ended } of [replay, ...analyzers]) expect(await ended).toMatchObject({ status: 0 });
  const lines = analyzers.flatMap(({ stdout }) => stdout.trimEnd().split('\n'));
  return lines.map((line) => JSON.parse(line) as Json);
}

async function findsTheSame(captures: readonly string[]): Promise<Json[]> {
  const folder = makeTapFolder();
  writeFileSync(folder.file('state.rules'), RULES);
  const alone = await eventsOf(folder, captures, [[]]);
  for (const workers of ['2', '4']) {
    const together = await eventsOf(folder, captures, [['--workers', workers]]);
    expect(together.map(comparable).sort()).toEqual(alone.map(comparable).sort());
  }
  return alone;
}

describe('analyze --workers', () => {
  it('finds what one worker finds in flows whose packets come in many ways', async () => {
    const events = await findsTheSame([savefileOf(wrappedFlows(20).map(({ frame }) => frame))]);
    const flows = events.filter(({ event_type }) => event_type === 'flow');
    const ofClients = flows.filter(({ src_ip, proto }) => String(src_ip).startsWith('10.1.') && proto === 'UDP');
    // Outside, and in one tunnel or the other.
    expect(ofClients).toHaveLength(2 * 20);
    expect(new Set(events.map(({ alert }) => (alert as Json | undefined)?.signature_id)).size).toBeGreaterThan(6);
  });
});

describe('analyze --share', () => {
  it('divides the flows among processes, however their packets come', async () => {
    const folder = makeTapFolder();
    writeFileSync(folder.file('state.rules'), '');
    const captures = [savefileOf(wrappedFlows(20).map(({ frame }) => frame))];
    const flowsIn = (events: readonly Json[]) => {
      return events
        .filter(({ event_type }) => event_type === 'flow')
        .map(comparable)
        .sort();
    };
    const alone = await eventsOf(folder, captures, [[]]);
    const together = await eventsOf(folder, captures, [
      ['--share', '1/2'],
      ['--share', '2/2'],
    ]);
    expect(flowsIn(together)).toEqual(flowsIn(alone));
  });
});

/** Tunnels, fragments and long conversations among them. */
const CAPTURES = /\/(tunnels|http|dns|smtp|tcp|icmp|ipv6-\w+|ftp)\/[^/]+\.pcap$/;

describe.skipIf(!corpusPresent)('analyze --workers on real captures', () => {
  const captures = corpusFiles('valid')
    .filter(({ path, packets = 0 }) => CAPTURES.test(path) && packets < 1000)
    .filter((_, i) => i % 5 === 0)
    .map(({ path }) => path);

  it(`finds what one worker finds, merged: ${captures.length} captures, from ${basename(captures[0] ?? '')} on`, async () => {
    expect(captures.length).toBeGreaterThan(30);
    const events = await findsTheSame(captures);
    expect(events.length).toBeGreaterThan(500);
  });
});
