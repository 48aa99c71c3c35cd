// The EVE JSON `stats` record: what was decoded and what never arrived. A counter that nobody knows is absent, not 0.

import type { DecoderCounts } from '../decode/decoder-counts.js';
import type { Defragmenter } from '../decode/defragmenter.js';
import type { FlowTable } from '../flow/flow-table.js';
import type { Payloads } from '../payloads.js';
import type { EveWriter } from './eve-writer.js';
import { eveTime, type PacketTime } from './time.js';

/** Losses before the analyzer, by cause; never summed. Undefined: not known. */
export interface CaptureLosses {
  /** Packets that the tap's source got: Suricata's `kernel_packets`. */
  readonly received?: number | undefined;
  readonly kernelDropped?: number | undefined;
  readonly interfaceDropped?: number | undefined;
  /** Packets that lapped this consumer. */
  readonly missed?: number | undefined;
}

/** What a stats record tells. */
export interface StatsFacts {
  readonly counts: DecoderCounts;
  readonly flows: FlowTable;
  readonly payloads: Payloads;
  readonly defragmenter: Defragmenter;
  /** Alerts told, and matches that thresholds kept back; undefined: there are no rules. */
  readonly alerts: { readonly alerts: number; readonly suppressed: number } | undefined;
  /** Counts and bits of addresses that rules lost for lack of room; undefined: there are no rules. */
  readonly forgotten: number | undefined;
  readonly losses: CaptureLosses;
  /** Packets that the tap overwrote while they were being read. */
  readonly overwritten: number;
  /** Time of the last packet, and whole seconds since the first. */
  readonly now: PacketTime;
  readonly uptime: number;
}

/** The record. `stats.pkttap` holds losses that Suricata has no name for, and is there if there were any. */
export function writeStats(out: EveWriter, facts: StatsFacts): void {
  const { losses } = facts;
  out.begin();
  out.json({
    timestamp: eveTime(facts.now.sec, facts.now.nsec),
    event_type: 'stats',
    stats: {
      uptime: facts.uptime,
      capture: {
        kernel_packets: losses.received,
        kernel_drops: losses.kernelDropped,
        kernel_ifdrops: losses.interfaceDropped,
      },
      decoder: decoderOf(facts.counts),
      defrag: defragOf(facts.defragmenter),
      flow: flowOf(facts.flows),
      tcp: tcpOf(facts.payloads),
      ...(facts.alerts !== undefined && {
        detect: { alert: facts.alerts.alerts, alerts_suppressed: facts.alerts.suppressed },
      }),
      ...ownLosses(facts),
    },
  });
  out.end();
}

function decoderOf(counts: DecoderCounts): object {
  return {
    pkts: counts.packets,
    bytes: counts.bytes,
    invalid: counts.malformed,
    ipv4: counts.ipv4,
    ipv6: counts.ipv6,
    ethernet: counts.ethernet,
    arp: counts.arp,
    raw: counts.raw,
    null: counts.loopback,
    sll: counts.cooked,
    tcp: counts.tcp,
    udp: counts.udp,
    sctp: counts.sctp,
    icmpv4: counts.icmp,
    icmpv6: counts.icmpv6,
    vlan: counts.vlan,
    vlan_qinq: counts.vlanStacked,
    avg_pkt_size: counts.packets === 0 ? 0 : Math.floor(counts.bytes / counts.packets),
    max_pkt_size: counts.maxBytes,
    event: counts.events.byGroup(),
    too_many_layers: counts.events.of('too_many_layers'),
  };
}

function defragOf({ ipv4, ipv6, memory }: Defragmenter): object {
  return { ipv4, ipv6, memuse: memory };
}

/** Without losses, records are valid by Suricata's own schema. */
function ownLosses({ losses, overwritten, defragmenter, forgotten }: StatsFacts): object {
  const own = { missed: losses.missed, overwritten, defrag_forced: defragmenter.forced, forgotten };
  return Object.values(own).some((count) => count !== undefined && count > 0) ? { pkttap: own } : {};
}

function flowOf(flows: FlowTable): object {
  return {
    total: flows.started,
    active: flows.active,
    tcp_reuse: flows.reused,
    get_used: flows.forced,
    memuse: flows.memory,
    emerg_mode_entered: flows.emergencies,
    emerg_mode_over: flows.emergencies - (flows.isEmergency ? 1 : 0),
  };
}

function tcpOf(payloads: Payloads): object {
  return {
    sessions: payloads.streams,
    segment_memcap_drop: payloads.refusedSegments,
    reassembly_gap: payloads.gaps,
    reassembly_memuse: payloads.segmentMemory,
  };
}
