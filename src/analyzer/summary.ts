// The analyzer's findings in numbers, and those numbers as text for a terminal.

import { LayerProblem } from '../index.js';
import type { DecoderCounts } from './decode/decoder-counts.js';
import { eveTime, type PacketTime } from './eve/time.js';
import type { FlowTable } from './flow/flow-table.js';
import type { Rule } from './rules/rule.js';
import { alignedRows } from './summary-rows.js';
import type { Talker, Talkers } from './talkers.js';

/** What an analyzer saw. Packets and bytes are those on the wire. */
export interface AnalyzerSummary {
  readonly packets: number;
  readonly bytes: number;
  /** Packets of which the capture kept only the beginning. */
  readonly truncated: number;
  readonly fragments: number;
  /** Times of the first and the last packet, in order of arrival; undefined without packets. */
  readonly first: PacketTime | undefined;
  readonly last: PacketTime | undefined;
  /** Packets by protocol, without those that did not occur. A packet counts for each of its layers. */
  readonly protocols: Readonly<Record<string, number>>;
  /** Flows by application protocol, as `app_proto` has it; those in which nobody could say anything are `failed`. */
  readonly applications: Readonly<Record<string, number>>;
  /** Packets by what is wrong with them, without what did not occur. Names: {@link LayerProblem}. */
  readonly malformed: Readonly<Record<string, number>>;
  readonly flows: {
    readonly total: number;
    readonly active: number;
    /** Ended early to make room. */
    readonly forced: number;
  };
  /** The rules with the most alerts: ten, unless more were asked for. */
  readonly alerts: readonly AlertCount[];
  /** Counts and bits of addresses that rules lost for lack of room: thresholds and xbits may have gone wrong. */
  readonly forgotten: number;
  /** As many addresses with the most bytes, sent and received. */
  readonly talkers: readonly Talker[];
  /** False: there were so many addresses that the talkers' sums are lower bounds. */
  readonly talkersExact: boolean;
}

/** How often a rule gave an alert. */
export interface AlertCount {
  readonly rule: Pick<Rule, 'gid' | 'sid' | 'msg'>;
  readonly count: number;
}

/** The summary of what was counted. */
export function summaryOf(facts: {
  /** The most rows of a list. */
  readonly rows: number;
  readonly counts: DecoderCounts;
  readonly flows: FlowTable;
  readonly applications: ReadonlyMap<string, number>;
  readonly talkers: Talkers;
  readonly alerts: AnalyzerSummary['alerts'];
  readonly forgotten: number;
  readonly first: PacketTime;
  readonly last: PacketTime;
}): AnalyzerSummary {
  const { rows, counts, applications, flows, talkers, alerts, forgotten, first, last } = facts;
  const isEmpty = counts.packets === 0;
  return {
    packets: counts.packets,
    bytes: counts.bytes,
    truncated: counts.truncated,
    fragments: counts.fragments,
    first: isEmpty ? undefined : first,
    last: isEmpty ? undefined : last,
    protocols: protocolsOf(counts),
    applications: Object.fromEntries(applications),
    malformed: problemsOf(counts),
    flows: { total: flows.started, active: flows.active, forced: flows.forced },
    alerts,
    forgotten,
    talkers: talkers.top(rows),
    talkersExact: talkers.exact,
  };
}

/** The summary in aligned lines, without a final line break. Colours and widths are the terminal's business. */
export function renderSummary(summary: AnalyzerSummary): string {
  const sections = [
    alignedRows('', headRows(summary)),
    alignedRows('protocols', shareRows(summary.protocols, summary.packets)),
    alignedRows('application protocols', applicationRows(summary)),
    alignedRows('malformed', shareRows(summary.malformed, summary.packets)),
    alignedRows('top alerts', alertRows(summary)),
    alignedRows(summary.talkersExact ? 'top talkers' : 'top talkers (at least)', talkerRows(summary)),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function headRows(summary: AnalyzerSummary): string[][] {
  const { packets, bytes, truncated, fragments, forgotten, first, last, flows } = summary;
  const rows = [
    ['packets', grouped(packets)],
    ['bytes', grouped(bytes)],
    ['flows', grouped(flows.total)],
  ];
  if (flows.forced > 0) rows.push(['flows ended for lack of room', grouped(flows.forced)]);
  if (forgotten > 0) rows.push(['thresholds and xbits forgotten for lack of room', grouped(forgotten)]);
  if (truncated > 0) rows.push(['truncated', grouped(truncated)]);
  if (fragments > 0) rows.push(['fragments', grouped(fragments)]);
  if (first !== undefined) rows.push(['first packet', eveTime(first.sec, first.nsec)]);
  if (last !== undefined) rows.push(['last packet', eveTime(last.sec, last.nsec)]);
  return rows;
}

function shareRows(counts: Readonly<Record<string, number>>, packets: number): string[][] {
  return Object.entries(counts).map(([name, count]) => [
    name,
    `${grouped(count)} packets`,
    `${((100 * count) / packets).toFixed(1)} %`,
  ]);
}

/** Most flows first. */
function applicationRows({ applications, flows }: AnalyzerSummary): string[][] {
  const sorted = Object.entries(applications).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted.map(([name, count]) => [
    name,
    `${grouped(count)} flows`,
    `${((100 * count) / flows.total).toFixed(1)} %`,
  ]);
}

function alertRows({ alerts }: AnalyzerSummary): string[][] {
  return alerts.map(({ rule, count }) => [`${rule.sid} ${rule.msg}`, `${grouped(count)} alerts`]);
}

function talkerRows({ talkers }: AnalyzerSummary): string[][] {
  return talkers.map(({ address, packets, bytes }) => [
    address,
    `${grouped(packets)} packets`,
    `${grouped(bytes)} bytes`,
  ]);
}

/** Digits in groups of three, the same whatever the locale. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function protocolsOf(counts: DecoderCounts): Record<string, number> {
  return occurring({
    IPv4: counts.ipv4,
    IPv6: counts.ipv6,
    ARP: counts.arp,
    'other network': counts.otherNetwork,
    VLAN: counts.vlan,
    TCP: counts.tcp,
    UDP: counts.udp,
    ICMP: counts.icmp,
    ICMPv6: counts.icmpv6,
    SCTP: counts.sctp,
    'other transport': counts.otherTransport,
  });
}

function problemsOf(counts: DecoderCounts): Record<string, number> {
  const names = Object.entries(LayerProblem).filter(([name]) => name !== 'none');
  return occurring(Object.fromEntries(names.map(([name, code]) => [name, counts.problems[code] ?? 0])));
}

function occurring(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
