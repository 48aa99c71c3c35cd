// Timestamps of segments that don't fit: which segments are told, and the same by the real Suricata.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../src/analyzer/rules/parse-rule.js';
import { parseRules } from '../../../src/analyzer/rules/rule-file.js';
import { analyzed, type EveEvent } from '../../support/analyzed.js';
import { concat, ethernet, ipv4, tcp, u32 } from '../../support/frames.js';
import { captureFile } from '../../support/rule-groups.js';
import { suricataEvents, suricataMissing } from '../../support/suricata.js';

const F = { syn: 2, ack: 16 } as const;
const CLIENT = 1000;
const SERVER = 5000;
const PORT = 3000;

interface Sent {
  /** The sender's timestamp, and the one that it echoes; left out: none. */
  readonly stamps?: readonly [own: number, echoed: number];
  /** Counted from the sender's first byte. */
  readonly at?: number;
  readonly bytes?: number;
  /** The sequence number of the sender's, or of the acknowledged SYN is another one. */
  readonly seq?: number;
  readonly ack?: number;
}

type Segment = (port: number) => Uint8Array;

function segment(fromClient: boolean, flags: number, { stamps, at = 1, bytes = 0, ...numbers }: Sent): Segment {
  const { seq = fromClient ? CLIENT : SERVER, ack = fromClient ? SERVER + 1 : CLIENT + 1 } = numbers;
  const options = stamps && concat(Uint8Array.of(1, 1, 8, 10), ...stamps.map((stamp) => u32(stamp)));
  return (port) => {
    const [src, dst] = fromClient ? ['10.0.0.1', '10.0.0.2'] : ['10.0.0.2', '10.0.0.1'];
    const [srcPort, dstPort] = fromClient ? [port, 9] : [9, port];
    const fields = { srcPort, dstPort, flags, seq: seq + at, ack: (flags & F.ack) === 0 ? 0 : ack };
    const rest = concat(options ?? new Uint8Array(), new Uint8Array(bytes));
    return concat(ethernet(0x0800), ipv4(tcp({ ...fields, dataOffset: options ? 8 : 5 }, rest), { src, dst }));
  };
}

const syn = (stamp?: number, seq = CLIENT) =>
  segment(true, F.syn, { at: 0, seq, ...(stamp !== undefined && { stamps: [stamp, 0] }) });
const synAck = (own: number, echoed: number, more: Sent = {}) =>
  segment(false, F.syn | F.ack, { at: 0, stamps: [own, echoed], ...more });
const client = (own: number, more: Sent = {}) => segment(true, F.ack, { stamps: [own, 7], ...more });
const server = (own: number, more: Sent = {}) => segment(false, F.ack, { stamps: [own, 100], ...more });

const OPEN = [syn(100), synAck(7, 100), client(101)];

/** Segments, and which of them are told. */
const CONNECTIONS: Readonly<Record<string, readonly [segments: readonly Segment[], told: readonly number[]]>> = {
  'a clock that goes on': [[...OPEN, client(102, { bytes: 10 }), server(8), server(9)], []],
  'a clock that goes back by one': [[...OPEN, client(100, { bytes: 10 }), server(6)], []],
  'a clock that goes back': [
    [...OPEN, client(99, { bytes: 10 }), server(5)],
    [3, 4],
  ],
  'a segment without timestamps': [[...OPEN, segment(true, F.ack, { bytes: 10 })], []],
  'bytes, which move no clock on': [[...OPEN, client(200, { bytes: 10 }), client(101, { at: 11 })], []],
  'an acknowledgement, which does': [[...OPEN, client(200), client(150, { bytes: 10 })], [4]],
  'a clock at zero in the handshake': [[syn(0), synAck(0, 0), client(1), server(0x90000000), server(0x8fffff00)], [4]],
  'a server that echoes nothing': [[syn(100), synAck(7, 0), client(101)], []],
  'a server that echoes what the client did not say': [[syn(100), synAck(7, 99), synAck(8, 100), client(101)], [1]],
  'a server that echoes though the client said nothing': [
    [syn(), synAck(7, 100), server(8)],
    [1, 2],
  ],
  'a SYN sent again, and the first echoed': [[syn(100), syn(200), synAck(7, 100), client(98)], [3]],
  'a SYN sent again, and the second echoed': [[syn(100), syn(200), synAck(7, 200), client(201), client(150)], [4]],
  'a SYN sent twice more, and the second echoed': [[syn(100), syn(200), syn(300), synAck(7, 200), client(301)], []],
  'a SYN sent again with timestamps': [[syn(), syn(100), synAck(7, 100), client(101), client(98)], [4]],
  'another SYN, and its timestamp echoed': [
    [syn(100), syn(200, 2000), synAck(7, 200, { ack: 2001 }), client(201, { seq: 2000 }), client(98, { seq: 2000 })],
    [4],
  ],
};

const TITLES = Object.keys(CONNECTIONS);
const FRAMES = TITLES.flatMap((title, i) => CONNECTIONS[title]![0].map((make) => make(PORT + i)));
const RULE = 'alert tcp any any -> any any (msg:"told"; stream-event:pkt_invalid_timestamp; sid:1;)';

/** Numbers of the segments that are told, connection by connection; segments are told apart by their time. */
function toldOf(events: readonly EveEvent[]): Record<string, number[]> {
  const alerts = events.filter(({ event_type }) => event_type === 'alert');
  const at = alerts.map(({ timestamp }) => Number(/\.(\d{6})/.exec(String(timestamp))![1]));
  let first = 0;
  return Object.fromEntries(
    TITLES.map((title) => {
      const end = first + CONNECTIONS[title]![0].length;
      const own = at.filter((number) => number >= first && number < end).map((number) => number - first);
      first = end;
      return [title, own];
    }),
  );
}

const EXPECTED = Object.fromEntries(TITLES.map((title) => [title, CONNECTIONS[title]![1]]));

/** A capture of all of them, a microsecond apart. */
function capture(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pkttap-timestamps-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return captureFile({ title: 'timestamps', frames: FRAMES }, folder);
}

describe('timestamps that do not fit', () => {
  it('are told, segment by segment', () => {
    const { rules } = parseRules(RULE, 'x.rules', DEFAULT_SETTINGS);
    expect(toldOf(analyzed(capture(), { inspection: { rules } }))).toEqual(EXPECTED);
  });

  it.skipIf(suricataMissing !== undefined)('are those that Suricata tells', async () => {
    expect(toldOf(await suricataEvents(capture(), RULE))).toEqual(EXPECTED);
  });
});
