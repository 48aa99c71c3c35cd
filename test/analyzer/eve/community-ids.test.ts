// Community IDs are kept by a flow's place: the next flow in that place must not be told with its predecessor's.

import { expect, it } from 'vitest';
import { Analyzer } from '../../../src/analyzer/analyzer.js';
import { makePacket } from '../../../src/packet/packet-view.js';
import { communityId } from '../../support/community-id.js';
import { eventsTo } from '../../support/event-lines.js';
import { concat, ethernet, hex, ipv4, udp } from '../../support/frames.js';

/** A question for the addresses of `a`. */
const QUESTION = hex('1234 0100 0001 0000 0000 0000 0161 00 0001 0001'.replaceAll(' ', ''));

interface Told {
  readonly event_type: string;
  readonly src_port: number;
  readonly community_id: string;
}

/** That of a flow from 10.0.0.1 to port 53 of 10.0.0.2. */
function idOf(srcPort: number): string {
  const address = (last: number) => (i: number) => (i === 0 ? 0x0a000000 + last : 0);
  return communityId({ ipVersion: 4, protocol: 17, srcPort, dstPort: 53, srcWord: address(1), dstWord: address(2) });
}

it('are those of the flow that is told of, when its place was another one of late', () => {
  const told: Told[] = [];
  const analyzer = new Analyzer({ maxFlows: 1, onEvents: eventsTo<Told>((event) => told.push(event)) });
  for (const srcPort of [1000, 1000, 1001, 1000, 1002]) {
    const datagram = udp(QUESTION, { srcPort, dstPort: 53 });
    analyzer.add(makePacket({ data: concat(ethernet(0x0800), ipv4(datagram, { protocol: 17 })) }));
  }
  analyzer.finish();
  const ofFlows = told.filter(({ event_type }) => event_type !== 'stats');
  expect(ofFlows.map(({ event_type }) => event_type)).toEqual([
    'dns',
    'dns',
    'flow',
    'dns',
    'flow',
    'dns',
    'flow',
    'dns',
    'flow',
  ]);
  expect(ofFlows.map(({ community_id }) => community_id)).toEqual(ofFlows.map(({ src_port }) => idOf(src_port)));
});
