import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Flow, FlowEndReason } from '../../../src/analyzer/flow/flow.js';
import { FlowSighting, FlowTable } from '../../../src/analyzer/flow/flow-table.js';

interface Ended {
  readonly reason: FlowEndReason;
  readonly packets: number;
  readonly bytes: number;
  readonly client: number;
  readonly serial: number;
}

interface Sight {
  readonly from?: number;
  readonly to?: number;
  readonly srcPort?: number;
  readonly dstPort?: number;
  readonly protocol?: number;
  readonly flags?: number;
  readonly seq?: number;
  readonly at?: number;
  readonly vlan?: number;
}

const UDP = 17;
const TCP = 6;
const SYN = 2;
const ACK = 16;
const RST = 4;

/** A table, what has ended in it, and a short way to show it packets. */
function tableOf(maxFlows?: number) {
  const ended: Ended[] = [];
  const table = new FlowTable((flow: Flow, reason) => {
    const packets = flow.pktsToServer + flow.pktsToClient;
    const bytes = flow.bytesToServer + flow.bytesToClient;
    ended.push({ reason, packets, bytes, client: flow.srcWord(0), serial: flow.serial });
  }, maxFlows);
  const seen = new FlowSighting();
  const see = ({
    from = 1,
    to = 2,
    srcPort = 10,
    dstPort = 20,
    protocol = UDP,
    flags = 0,
    seq = 0,
    at = 0,
    vlan = 0,
  }: Sight) => {
    Object.assign(seen.key, { ipVersion: 4, protocol, srcPort, dstPort, vlans: vlan });
    seen.key.addresses[0] = from;
    seen.key.addresses[4] = to;
    Object.assign(seen, { tsSec: at, bytes: 100, flags, seq });
    seen.hash = table.hash(seen.key);
    table.add(seen);
  };
  return { table, ended, seen, see };
}

/** The same packet the other way. */
const reply = (sight: Sight): Sight => ({
  ...sight,
  from: sight.to ?? 2,
  to: sight.from ?? 1,
  srcPort: sight.dstPort ?? 20,
  dstPort: sight.srcPort ?? 10,
});

describe('a flow table', () => {
  it('takes both directions for one flow, whose client spoke first', () => {
    const { table, see } = tableOf();
    see({});
    see(reply({}));
    see(reply({}));
    expect(table.active).toBe(1);
    const [flow] = table;
    expect(flow).toMatchObject({ srcPort: 10, pktsToServer: 1, pktsToClient: 2, bytesToClient: 200 });
    expect(flow!.srcWord(0)).toBe(1);
  });

  it.each([{ from: 3 }, { to: 3 }, { srcPort: 11 }, { dstPort: 21 }, { protocol: TCP }, { vlan: 6 }])(
    'keeps flows apart that differ in %o',
    (difference) => {
      const { table, see } = tableOf();
      see({});
      see(difference);
      expect(table.active).toBe(2);
    },
  );

  it('keeps flows apart whose ports alone are swapped', () => {
    const { table, see } = tableOf();
    see({});
    see({ srcPort: 20, dstPort: 10 });
    expect(table.active).toBe(2);
  });

  it('takes the sender of a SYN+ACK for the server', () => {
    const { table, see } = tableOf();
    see({ protocol: TCP, flags: SYN | ACK });
    const [flow] = table;
    expect(flow).toMatchObject({ srcPort: 20, dstPort: 10, pktsToServer: 0, pktsToClient: 1 });
  });

  it('ends a flow when it has been silent for its timeout, by the packets own time', () => {
    const { ended, see } = tableOf();
    see({ at: 1000 });
    see({ from: 9, at: 1030 });
    expect(ended).toEqual([]);
    see({ from: 9, at: 1031 });
    expect(ended).toMatchObject([{ reason: 'timeout', client: 1, packets: 1 }]);
  });

  it('gives a flow that was answered more time', () => {
    const { ended, see } = tableOf();
    see({ at: 1000 });
    see({ ...reply({}), at: 1001 });
    see({ from: 9, at: 1301 });
    expect(ended).toEqual([]);
    see({ from: 9, at: 1302 });
    expect(ended).toMatchObject([{ reason: 'timeout', packets: 2 }]);
  });

  it('ends nothing when time goes back', () => {
    const { ended, table, see } = tableOf();
    see({ at: 5000 });
    see({ from: 9, at: 10 });
    see({ from: 9, at: 20 });
    expect(ended).toEqual([]);
    expect(table.active).toBe(2);
  });

  it('begins a new flow when a SYN takes the ports of a closed connection', () => {
    const { table, ended, see } = tableOf();
    see({ protocol: TCP, flags: SYN, seq: 1 });
    see({ ...reply({}), protocol: TCP, flags: RST | ACK });
    see({ protocol: TCP, flags: SYN, seq: 1 });
    expect(ended).toEqual([]);
    see({ protocol: TCP, flags: SYN, seq: 2 });
    expect(ended).toMatchObject([{ reason: 'tcp_reuse', packets: 3 }]);
    expect(table).toMatchObject({ active: 1, started: 2, reused: 1 });
  });

  it('ends the flow that was silent for longest when it is full', () => {
    const { table, ended, see } = tableOf(2);
    see({ from: 1, at: 1 });
    see({ from: 7, protocol: TCP, flags: ACK, at: 2 });
    see({ from: 1, at: 3 });
    see({ from: 8, at: 4 });
    expect(ended).toMatchObject([{ reason: 'forced', client: 7 }]);
    expect(table).toMatchObject({ active: 2, started: 3, forced: 1 });
  });

  it('begins a new flow when a SYN takes the ports of a connection that it saw from the middle', () => {
    const { table, ended, see } = tableOf();
    see({ protocol: TCP, flags: ACK });
    see({ protocol: TCP, flags: SYN });
    expect(ended).toMatchObject([{ reason: 'tcp_reuse', packets: 1 }]);
    expect(table.active).toBe(1);
  });

  it('gives silent flows less time while it is full, until there is room again', () => {
    const { table, ended, see } = tableOf(10);
    for (let from = 1; from <= 10; from++) see({ from, at: 1000 });
    see({ from: 11, at: 1011 });
    expect(table).toMatchObject({ emergencies: 1, isEmergency: true, forced: 0, active: 1 });
    expect(ended.map(({ reason }) => reason)).toEqual(Array(10).fill('timeout'));
    see({ from: 11, at: 1012 });
    expect(table.isEmergency).toBe(false);
  });

  it('adds a packet to a known flow only, when told so', () => {
    const { table, seen, see } = tableOf();
    see({});
    expect(table.addToKnown(seen)).toBe(0);
    seen.key.srcPort = 99;
    seen.hash = table.hash(seen.key);
    expect(table.addToKnown(seen)).toBe(-1);
    const [flow] = table;
    expect(flow).toMatchObject({ pktsToServer: 1, pktsToClient: 1 });
  });

  it('ends all that is left as shutdown', () => {
    const { table, ended, see } = tableOf();
    see({ from: 1 });
    see({ from: 7, protocol: TCP });
    table.finish();
    expect(ended.map(({ reason }) => reason)).toEqual(['shutdown', 'shutdown']);
    expect(table.active).toBe(0);
  });

  it('finds every flow again after it has grown', () => {
    const { table, ended, see } = tableOf();
    for (let from = 0; from < 5000; from++) see({ from });
    for (let from = 0; from < 5000; from++) see(reply({ from }));
    expect(table).toMatchObject({ active: 5000, started: 5000 });
    table.finish();
    expect(ended.every(({ packets }) => packets === 2)).toBe(true);
  });

  it('loses no packet and no flow, whatever comes', () => {
    const sight = fc.record({
      from: fc.integer({ min: 1, max: 4 }),
      to: fc.integer({ min: 1, max: 4 }),
      srcPort: fc.integer({ min: 1, max: 3 }),
      dstPort: fc.integer({ min: 1, max: 3 }),
      protocol: fc.constantFrom(TCP, UDP, 1, 47),
      flags: fc.integer({ min: 0, max: 31 }),
      at: fc.integer({ min: 0, max: 2000 }),
    });
    fc.assert(
      fc.property(fc.array(sight, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (sights, maxFlows) => {
        const { table, ended, see } = tableOf(maxFlows);
        for (const one of sights) {
          see(one);
          expect(table.active).toBeLessThanOrEqual(maxFlows);
        }
        table.finish();
        expect(ended.reduce((sum, { packets }) => sum + packets, 0)).toBe(sights.length);
        expect(ended.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(100 * sights.length);
        expect(new Set(ended.map(({ serial }) => serial)).size).toBe(table.started);
        expect(ended).toHaveLength(table.started);
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});
