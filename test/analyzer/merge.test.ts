import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyzer/analyzer.js';
import { type CounterTree, mergeStats, mergeSummaries } from '../../src/analyzer/merge.js';
import { makePacket, type PacketView } from '../../src/packet/packet-view.js';
import { eventsTo } from '../support/event-lines.js';
import { expectedFlowHash } from '../support/flow-hash.js';
import { flowFrame } from '../support/flow-packets.js';

interface Seen {
  readonly analyzer: Analyzer;
  readonly stats: CounterTree;
  readonly flowIds: unknown[];
}

/** What an analyzer sees of forty flows of three packets each. */
function seenBy(share = { index: 1, of: 1 }): Seen {
  const events: Record<string, unknown>[] = [];
  const analyzer = new Analyzer({ onEvents: eventsTo((event) => events.push(event)), share });
  for (const packet of packets()) analyzer.add(packet);
  analyzer.finish({ received: 120, missed: share.index });
  const stats = events.find(({ event_type }) => event_type === 'stats')!.stats as CounterTree;
  return {
    analyzer,
    stats,
    flowIds: events.filter(({ flow_id }) => flow_id !== undefined).map(({ flow_id }) => flow_id),
  };
}

function* packets(): Generator<PacketView> {
  for (let i = 0; i < 120; i++) {
    const data = flowFrame({ flow: i % 40, number: Math.floor(i / 40) });
    yield makePacket({ data, tsNs: BigInt(i) * 10_000_000n, flowHash: expectedFlowHash(data, 1) });
  }
}

const whole = seenBy();
const parts = [1, 2, 3].map((index) => seenBy({ index, of: 3 }));

describe('several analyzers with a share each', () => {
  it('have seen together what one sees of it all', () => {
    const merged = mergeStats(parts.map(({ stats }) => stats));
    for (const group of ['decoder', 'tcp', 'capture', 'defrag']) expect(merged[group]).toEqual(whole.stats[group]);
    expect(merged.flow).toMatchObject({ total: 40, active: 0 });
    expect(merged.pkttap).toMatchObject({ missed: 1 + 2 + 3 });
  });

  it('give one summary', () => {
    const merged = mergeSummaries(parts.map(({ analyzer }) => analyzer.summary()));
    expect(merged).toEqual(whole.analyzer.summary());
  });

  it('never give two flows one id', () => {
    const ids = parts.flatMap(({ flowIds }) => flowIds);
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
  });
});
