// Real connections: the same however their bytes are cut, and never an exception, whatever a byte of
// them is changed to.

import { describe, expect, it } from 'vitest';
import { makePacket } from '../../../src/packet/packet-view.js';
import { appFiles } from '../../support/app-files.js';
import { type AppFindings, appFindings, findingsOf } from '../../support/app-flows.js';
import { corpusPresent } from '../../support/corpus.js';
import { makeInterface } from '../../support/packets.js';
import { packetsOf } from '../../support/pcap-packets.js';

describe.skipIf(!corpusPresent)('application layers of real captures', () => {
  it.each(appFiles())('are the same byte by byte: %s', (path) => {
    const whole = appFindings(path);
    expect(whole.events.length).toBeGreaterThan(0);
    expect(ordered(appFindings(path, 1))).toEqual(ordered(whole));
    expect(ordered(appFindings(path, 13))).toEqual(ordered(whole));
  });

  it('do not throw, whatever a byte is changed to', () => {
    for (const path of appFiles()) {
      const random = numbers(path.length);
      for (let round = 0; round < 3; round++) findingsOf(packetsOf(path).map((packet) => spoilt(packet, random)));
    }
  });
});

/** Events may come in another order when they end with the same segment. */
function ordered({ events, anomalies, protocols }: AppFindings): unknown {
  return { events: events.map((event) => JSON.stringify(event)).sort(), anomalies: [...anomalies].sort(), protocols };
}

type Packet = ReturnType<typeof packetsOf>[number];
const HEADERS = 54;

/** One byte of the payload is another, and one in eight packets is missing. */
function spoilt(packet: Packet, random: () => number): Packet {
  const data = packet.data.slice();
  if (data.length > HEADERS) data[HEADERS + (random() % (data.length - HEADERS))] = random() & 0xff;
  const kept = random() % 8 === 0 ? data.subarray(0, 14) : data;
  const from = makeInterface({ linktype: packet.linktype, timestampSource: 'savefile' });
  return makePacket({ data: kept, origlen: kept.length, tsNs: packet.tsNs, interface: from });
}

/** Numbers that look random, and are the same each time (a linear congruence, Numerical Recipes' constants). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
