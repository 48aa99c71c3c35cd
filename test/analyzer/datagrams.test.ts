// Many flows of datagrams beside each other: what is known of one is not another's.

import { beforeEach, describe, expect, it } from 'vitest';
import { ByteRange } from '../../src/analyzer/app/byte-range.js';
import { Datagrams } from '../../src/analyzer/datagrams.js';
import { dnsMessage } from '../support/dns.js';
import { eveOf } from '../support/event-lines.js';

const DNS = { srcPort: 50_000, dstPort: 53 };
const OTHER = { srcPort: 50_000, dstPort: 4444 };
const ASKED = dnsMessage();
const ANSWERED = dnsMessage({ flags: 0x8180 });
const UNKNOWN = Uint8Array.from([1, 2, 3]);

describe('flows of datagrams', () => {
  let told: [flow: number, type: unknown, id: unknown, swapped: boolean][];
  let anomalies: [flow: number, event: string][];
  let datagrams: Datagrams;

  beforeEach(() => {
    told = [];
    anomalies = [];
    datagrams = new Datagrams({
      transaction: () => {},
      finished: (flow, tx, swapped) => told.push([flow, (eveOf(tx).dns as { type: string }).type, tx.id, swapped]),
      anomaly: (flow, { event }) => anomalies.push([flow, event]),
    });
  });

  const add = (flow: number, bytes: Uint8Array, direction = 0, ends = DNS) =>
    datagrams.add(flow, ends, direction, new ByteRange().moveTo(bytes));

  it('number their transactions each on its own', () => {
    for (const flow of [7, 8, 7, 5000]) add(flow, ASKED);
    expect(told.map(([flow, , id]) => [flow, id])).toEqual([
      [7, 0],
      [8, 0],
      [7, 1],
      [5000, 0],
    ]);
  });

  it('count no message that is none', () => {
    for (const bytes of [ASKED, UNKNOWN, ASKED]) add(3, bytes);
    expect(told.map(([, , id]) => id)).toEqual([0, 1]);
    expect(anomalies).toEqual([[3, 'malformed_data']]);
  });

  it('are swapped where the answer came first, and only those', () => {
    add(1, ANSWERED);
    add(2, ASKED);
    add(1, ASKED, 1);
    expect(told).toEqual([
      [1, 'answer', 0, true],
      [2, 'query', 0, false],
      [1, 'query', 1, true],
    ]);
  });

  it('leave nothing to the flow that has their index next', () => {
    add(4, ASKED);
    datagrams.end(4);
    expect(datagrams.protocolOf(4)).toBeUndefined();
    add(4, UNKNOWN, 0, OTHER);
    expect(datagrams.protocolOf(4)).toBe('failed');
    add(4, ASKED);
    expect(told.map(([, , id]) => id)).toEqual([0, 0]);
  });

  it('are given up after a few datagrams that nobody knows, which others do not count for', () => {
    const verdicts = [1, 2, 1, 1, 1].map((flow) => add(flow, UNKNOWN, 0, OTHER));
    expect(verdicts).toEqual([false, false, false, false, true]);
    add(1, ASKED);
    add(2, ASKED);
    expect([datagrams.protocolOf(1), datagrams.protocolOf(2)]).toEqual(['failed', 'dns']);
  });
});
