// What is wrong with the segments of a connection: each event by a connection made for it, and the same told by the real
// Suricata.

import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../../src/analyzer/analyzer.js';
import { makePacket } from '../../../src/packet/packet-view.js';
import { eventsTo } from '../../support/event-lines.js';
import { concat, ethernet, ipv4, tcp } from '../../support/frames.js';
import { suricataEvents, suricataMissing } from '../../support/suricata.js';
import { savefileOf } from '../../support/udp-savefile.js';

const F = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;
const CLIENT = 1000;
const SERVER = 5000;

interface Sent {
  readonly flags?: number;
  /** Counted from the sender's first byte. */
  readonly at?: number;
  /** Counted from the other side's. */
  readonly ack?: number;
  readonly bytes?: number;
  /** What they begin with. */
  readonly text?: string;
  readonly window?: number;
}

type Segment = (port: number) => Uint8Array;

const segment =
  (fromClient: boolean, { flags = F.ack, at = 1, ack = 1, bytes = 0, text = '', window = 8192 }: Sent): Segment =>
  (port) => {
    const [src, dst] = fromClient ? ['10.0.0.1', '10.0.0.2'] : ['10.0.0.2', '10.0.0.1'];
    const [srcPort, dstPort] = fromClient ? [port, 9] : [9, port];
    const [own, other] = fromClient ? [CLIENT, SERVER] : [SERVER, CLIENT];
    const fields = { srcPort, dstPort, flags, seq: own + at, ack: (flags & F.ack) === 0 ? 0 : other + ack, window };
    return concat(ethernet(0x0800), ipv4(tcp(fields, Buffer.from(text.padEnd(bytes, 'A'))), { src, dst }));
  };
const client = (sent: Sent) => segment(true, sent);
const server = (sent: Sent) => segment(false, sent);

const SYN = client({ flags: F.syn, at: 0 });
const SYN_ACK = server({ flags: F.syn | F.ack, at: 0 });
const OPEN = [SYN, SYN_ACK, client({})];
const TALK = [...OPEN, client({ bytes: 100 }), server({ ack: 101 }), server({ ack: 101, bytes: 50 })];
const CLIENT_FIN = client({ flags: F.fin | F.ack, at: 101, ack: 51 });
const SERVER_FIN = server({ flags: F.fin | F.ack, at: 51, ack: 101 });
const FAR = 1_000_000;

/** Event by event, the segments of a connection that has it. */
const CONNECTIONS: Readonly<Record<string, readonly Segment[]>> = {
  rst_but_no_session: [client({ flags: F.rst })],
  fin_but_no_session: [client({ flags: F.fin | F.ack })],
  pkt_broken_ack: [SYN, SYN_ACK, (port) => broken(client({})(port))],
  '3whs_synack_in_wrong_direction': [SYN, client({ flags: F.syn | F.ack, at: 0 })],
  '3whs_synack_with_wrong_ack': [SYN, server({ flags: F.syn | F.ack, at: 0, ack: 7 })],
  '3whs_synack_resend_with_different_ack': [SYN, SYN_ACK, server({ flags: F.syn | F.ack, at: 0, ack: 7 })],
  '3whs_synack_toserver_on_syn_recv': [SYN, SYN_ACK, client({ flags: F.syn | F.ack, at: 0 })],
  '3whs_syn_toclient_on_syn_recv': [SYN, SYN_ACK, server({ flags: F.syn, at: 0 })],
  '3whs_syn_resend_diff_seq_on_syn_recv': [SYN, SYN_ACK, client({ flags: F.syn, at: 77 })],
  '3whs_right_seq_wrong_ack_evasion': [SYN, SYN_ACK, client({ ack: 9 })],
  '3whs_wrong_seq_wrong_ack': [SYN, SYN_ACK, client({ at: 500, ack: 9 })],
  est_synack_toserver: [...TALK, client({ flags: F.syn | F.ack, at: 0 })],
  est_synack_resend_with_different_ack: [...TALK, server({ flags: F.syn | F.ack, at: 0, ack: 7 })],
  est_synack_resend_with_diff_seq: [...TALK, server({ flags: F.syn | F.ack, at: 9, ack: 101 })],
  est_syn_toclient: [...TALK, server({ flags: F.syn, at: 0 })],
  est_syn_resend: [...TALK, client({ flags: F.syn, at: 0 })],
  est_syn_resend_diff_seq: [...TALK, client({ flags: F.syn, at: 9 })],
  est_pkt_before_last_ack: [...TALK, client({ at: 50, ack: 51 })],
  est_packet_out_of_window: [...TALK, client({ at: FAR, ack: 51, bytes: 9 })],
  est_invalid_ack: [...TALK, client({ at: 101, ack: FAR, bytes: 9 })],
  pkt_invalid_ack: [...TALK, client({ at: 101, ack: FAR, bytes: 9 })],
  pkt_spurious_retransmission: [...TALK, client({ ack: 51, bytes: 100 })],
  fin_out_of_window: [...TALK, client({ flags: F.fin | F.ack, at: FAR, ack: 51 })],
  fin_invalid_ack: [...TALK, client({ flags: F.fin | F.ack, at: 101, ack: FAR })],
  rst_invalid_ack: [...TALK, client({ flags: F.rst | F.ack, at: 101, ack: FAR })],
  closewait_invalid_ack: [...TALK, CLIENT_FIN, server({ at: 51, ack: FAR })],
  closewait_fin_out_of_window: [...TALK, CLIENT_FIN, server({ flags: F.fin | F.ack, at: FAR, ack: 102 })],
  closewait_pkt_before_last_ack: [...TALK, CLIENT_FIN, server({ at: 1, ack: 102, bytes: 50 })],
  pkt_retransmission: [...TALK, CLIENT_FIN, server({ at: 1, ack: 102, bytes: 50 })],
  fin1_invalid_ack: [...TALK, SERVER_FIN, client({ at: 101, ack: FAR })],
  fin1_fin_wrong_seq: [...TALK, SERVER_FIN, client({ flags: F.fin | F.ack, at: FAR, ack: 52 })],
  fin2_invalid_ack: [...TALK, SERVER_FIN, client({ at: 101, ack: 52 }), client({ at: 101, ack: FAR })],
  shutdown_syn_resend: [...TALK, CLIENT_FIN, client({ flags: F.syn, at: 0 })],
  fin_syn: [SYN, SYN_ACK, client({ flags: F.fin | F.syn })],
  reassembly_overlap_different_data: [...OPEN, client({ bytes: 50 }), client({ at: 26, bytes: 50, text: 'other' })],
  reassembly_seq_gap: [
    ...OPEN,
    client({ bytes: 100, text: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n' }),
    server({ ack: 101 }),
    client({ at: 151, bytes: 50 }),
    server({ ack: 201 }),
  ],
};

/** An acknowledgement number without the flag. */
function broken(frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  copy[14 + 20 + 13] = F.psh;
  return copy;
}

const PORT = 1000;
const NAMES = Object.keys(CONNECTIONS);

/** Events by name, and by connection. */
function told(records: readonly Record<string, unknown>[]): Record<string, string[]> {
  const found: Record<string, string[]> = Object.fromEntries(NAMES.map((name) => [name, []]));
  for (const { event_type, anomaly, src_port, dest_port } of records) {
    const { type, event } = (anomaly ?? {}) as { type?: string; event?: string };
    if (event_type !== 'anomaly' || type !== 'stream') continue;
    const port = Math.max(Number(src_port), Number(dest_port));
    found[NAMES[port - PORT]!]!.push(event!.replace('stream.', ''));
  }
  return found;
}

const frames = NAMES.flatMap((name, at) => CONNECTIONS[name]!.map((make) => make(PORT + at)));

function ours(): Record<string, string[]> {
  const records: Record<string, unknown>[] = [];
  const analyzer = new Analyzer({ onEvents: eventsTo((record) => records.push(record)), anomalies: ['stream'] });
  for (const data of frames) analyzer.add(makePacket({ data }));
  analyzer.finish();
  return told(records);
}

describe('stream events', () => {
  it.each(NAMES)('are told: %s', (name) => {
    expect(ours()[name]).toContain(name);
  });

  it('are not told of a connection that begins, talks and ends as it should', () => {
    const whole = [
      ...TALK,
      CLIENT_FIN,
      server({ flags: F.fin | F.ack, at: 51, ack: 102 }),
      client({ at: 102, ack: 52 }),
    ];
    const records: Record<string, unknown>[] = [];
    const analyzer = new Analyzer({ onEvents: eventsTo((record) => records.push(record)), anomalies: ['stream'] });
    for (const make of whole) analyzer.add(makePacket({ data: make(PORT) }));
    analyzer.finish();
    expect(records.filter(({ event_type }) => event_type === 'anomaly')).toEqual([]);
  });

  it.skipIf(suricataMissing !== undefined)('are those of Suricata, connection by connection', async () => {
    const rules = NAMES.map(
      (name, at) => `alert tcp any any -> any any (msg:"${name}"; stream-event:${name}; sid:${at + 1};)`,
    );
    const alerts = await suricataEvents(savefileOf(frames), rules.join('\n'));
    const theirs = told(alerts.map(asAnomaly));
    expect(sorted(ours())).toEqual(sorted(theirs));
  });
});

/** Suricata tells events of streams as alerts: its own configuration leaves them out else. */
function asAnomaly(record: Record<string, unknown>): Record<string, unknown> {
  const alert = record.alert as { signature: string } | undefined;
  if (alert === undefined) return {};
  return { ...record, event_type: 'anomaly', anomaly: { type: 'stream', event: alert.signature } };
}

function sorted(found: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(found).map(([name, events]) => [name, events.sort()]));
}
