// Real captures beside the real Suricata: the same flows between the same ends with as many packets, and the same events of
// application layers with the same fields. Suricata's own configuration leaves fingerprints and Community IDs out. Some
// captures of each protocol, and every 60th of the corpus; all of it under PKTTAP_FULL=1.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { shortAddress } from '../support/addresses.js';
import { analyzed, analyzedReplay, type EveEvent } from '../support/analyzed.js';
import { appFiles } from '../support/app-files.js';
import { CORPUS_ROOT, corpusPresent } from '../support/corpus.js';
import { output } from '../support/run.js';
import { suricataEvents, suricataMissing } from '../support/suricata.js';
import { EVENT_DIFFERENCES, FLOW_DIFFERENCES, reasonOf } from '../support/suricata-differences.js';
import { suricataFiles, suricataPcapngFiles } from '../support/suricata-files.js';

const PROTOCOLS = ['dns', 'http', 'tls', 'ssh', 'smtp', 'dhcp', 'quic'];
const ENDS = ['event_type', 'src_ip', 'src_port', 'dest_ip', 'dest_port', 'proto', 'tx_id'];
const FINGERPRINTS = ['ja3', 'ja3s', 'ja4', 'hassh'];
/** Suricata tells links of the outermost parts of a letter only. */
const MORE_OF_LETTERS = ['subject', 'url', 'has_ipv4_url', 'has_ipv6_url', 'has_exe_url'];
/** Of two interfaces, with the newest times there are, or what else is rare in classic captures. */
const PCAPNG = [
  '/Traces/pcapng-multi-interface.pcapng',
  '/quic/merlinc2_Zeek_example.pcapng',
  '/tests/time_2107.pcapng',
  '/websocket/oversized-close-frame.pcapng',
];
const ZEEK = 'zeek+zeek/testing/btest/Traces';
const MERGED = [`${ZEEK}/http/pipelined-requests.pcap`, `${ZEEK}/dns/naptr.pcap`, `${ZEEK}/ssh/single-conn.pcap`];

describe.skipIf(suricataMissing !== undefined || !corpusPresent)('flows and events', () => {
  it.each([...new Set([...appFiles(), ...suricataFiles(60)])])('are those of Suricata: %s', async (path) => {
    const theirs = await suricataEvents(path, '');
    const ours = analyzed(path);
    expectSame(flowsOf(ours), flowsOf(theirs), reasonOf(FLOW_DIFFERENCES, path));
    expectSame(transactionsOf(ours), transactionsOf(theirs), reasonOf(EVENT_DIFFERENCES, path));
  });

  it.each(suricataPcapngFiles(PCAPNG))('are those of Suricata in pcapng: %s', async (path) => {
    const theirs = await suricataEvents(path, '');
    const ours = await analyzedReplay(path);
    expectSame(flowsOf(ours), flowsOf(theirs), reasonOf(FLOW_DIFFERENCES, path));
    expectSame(transactionsOf(ours), transactionsOf(theirs), reasonOf(EVENT_DIFFERENCES, path));
  });

  it('are those of Suricata in a pcapng of several interfaces', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pkttap-interfaces-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'merged.pcapng');
    // Each becomes an interface. libpcap wants them to have one snaplen.
    await output('mergecap', [
      '-F',
      'pcapng',
      '-I',
      'none',
      '-w',
      path,
      ...MERGED.map((name) => `${CORPUS_ROOT}${name}`),
    ]);
    const [theirs, ours] = [await suricataEvents(path, ''), await analyzedReplay(path)];
    expect(flowsOf(ours)).toEqual(flowsOf(theirs));
    expect(transactionsOf(ours)).toEqual(transactionsOf(theirs));
    expect(new Set(ours.map(({ event_type }) => event_type))).toEqual(new Set(['dns', 'http', 'ssh', 'flow', 'stats']));
  });
});

/** A reason says why they are not. */
function expectSame(ours: readonly string[], theirs: readonly string[], reason: string | undefined): void {
  if (reason === undefined) expect(ours).toEqual(theirs);
  else expect(ours, reason).not.toEqual(theirs);
}

/** Suricata takes the other end for the client here and there; both are named in an order of their own. */
function flowsOf(events: readonly EveEvent[]): string[] {
  return events
    .filter(({ event_type }) => event_type === 'flow')
    .map(flowText)
    .sort();
}

function flowText(event: EveEvent): string {
  const flow = event.flow as Record<string, number>;
  const source = [addressOf(event, 'src_ip'), event.src_port ?? event.icmp_type, flow.pkts_toserver];
  const dest = [addressOf(event, 'dest_ip'), event.dest_port, flow.pkts_toclient];
  return [event.proto, ...[source.join(' '), dest.join(' ')].sort()].join(' | ');
}

function transactionsOf(events: readonly EveEvent[]): string[] {
  return events
    .filter(({ event_type }) => PROTOCOLS.includes(String(event_type)))
    .map((event) => JSON.stringify(sorted(pick(event, [...ENDS, String(event.event_type), 'email']))))
    .sort();
}

function pick(event: EveEvent, keys: readonly string[]): EveEvent {
  const shown = (key: string) => {
    if (key === 'email') return without(event.email as EveEvent | undefined, MORE_OF_LETTERS);
    return key.endsWith('_ip') ? addressOf(event, key) : event[key];
  };
  return Object.fromEntries(keys.map((key) => [key, shown(key)]));
}

function addressOf(event: EveEvent, key: string): string {
  return shortAddress(String(event[key]));
}

function without(object: EveEvent | undefined, keys: readonly string[]): EveEvent | undefined {
  return object && Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** Keys in order, at every depth, and without what Suricata tells only if asked. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !FINGERPRINTS.includes(key));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}
