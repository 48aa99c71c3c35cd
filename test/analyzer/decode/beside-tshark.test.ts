// Every packet of the corpus beside tshark, each by itself: the Community ID of its innermost flow, and that nothing is called
// malformed which tshark has nothing to say against. A quarter of the captures; all under PKTTAP_FULL=1.

import { beforeAll, describe, expect, it } from 'vitest';
import { PacketDecoder } from '../../../src/analyzer/decode/decoder.js';
import { DecoderCounts } from '../../../src/analyzer/decode/decoder-counts.js';
import { FlowKey } from '../../../src/analyzer/flow/flow-key.js';
import { IpProtocol, type Layers } from '../../../src/index.js';
import type { PacketView } from '../../../src/packet/packet-view.js';
import { communityId } from '../../support/community-id.js';
import { classicFiles, corpusPresent } from '../../support/corpus.js';
import { packetsOf } from '../../support/pcap-packets.js';
import { fieldsByTshark } from '../../support/tshark-frames.js';

const FIELDS = ['communityid', '_ws.malformed', '_ws.expert.severity', 'frame.protocols'];
/** Of Wireshark's severities: above notes. */
const WARNING = 0x600000;

/** What tshark finds a flow in, and we don't look into. */
const NOT_ENTERED = /:(gtp|gtpprime|ayiya|l2tp|lisp|lisp-data|sflow|lwapp|nsh|teredo)\b|:udp:(gre|mpls)|icmp(v6)?:ip/;

/** tshark takes the last stop of a source route for the destination. */
const SOURCE_ROUTED = '/ipv4-options.pcap';

/** Protocols whose Community IDs have ports, or what ICMP has instead. */
const WITH_PORTS: readonly number[] = Object.values(IpProtocol);

interface Frame {
  /** File and number of the packet in it, from 1. */
  readonly place: string;
  readonly packet: PacketView;
  readonly theirId: string;
  /** tshark has something against it. */
  readonly isMarked: boolean;
  readonly isMalformed: boolean;
  readonly protocols: string;
}

describe.skipIf(!corpusPresent)('packets of the corpus', () => {
  let frames: readonly Frame[] = [];

  beforeAll(async () => {
    const files = classicFiles(4).filter(({ packets }) => packets !== undefined);
    const rows = await fieldsByTshark(files, FIELDS);
    frames = files.flatMap(({ path }, i) =>
      packetsOf(path).map((packet, at) => frameOf(path, packet, at, rows[i]![at]!)),
    );
  }, 240_000);

  it('belong to the flow that tshark says, by its Community ID', () => {
    const comparable = frames.filter(({ isMalformed, packet, protocols, place }) => {
      const isWhole = !isMalformed && packet.caplen >= packet.origlen;
      return isWhole && !NOT_ENTERED.test(protocols) && !place.includes(SOURCE_ROUTED);
    });
    const ours = comparable
      .map((frame) => ({ ...frame, id: innermostId(frame.packet) }))
      .filter(({ id }) => id !== undefined);
    expect(ours.length).toBeGreaterThan(5000);
    expect(
      ours.filter(({ id, theirId }) => id !== theirId).map(({ place, protocols }) => `${place} ${protocols}`),
    ).toEqual([]);
  });

  it('are malformed only where tshark has something against them, too', () => {
    const malformed = frames.filter(({ packet }) => isMalformed(packet));
    expect(malformed.length).toBeGreaterThan(10);
    expect(malformed.filter(({ isMarked }) => !isMarked).map(({ place }) => place)).toEqual([]);
  });
});

function frameOf(path: string, packet: PacketView, at: number, row: readonly string[]): Frame {
  const [theirId = '', malformed = '', severities = '', protocols = ''] = row;
  const isMalformed = malformed !== '';
  const isMarked = isMalformed || severities.split('|').some((severity) => Number(severity) >= WARNING);
  return { place: `${path}#${at + 1}`, packet, theirId, isMarked, isMalformed, protocols };
}

/** Undefined: it has none, or no ports to tell by. */
function innermostId(packet: PacketView): string | undefined {
  const decoder = new PacketDecoder();
  const key = new FlowKey();
  let innermost: Layers | undefined = decoder.decode(packet);
  let id: string | undefined;
  while (innermost !== undefined) {
    const hasPorts = key.fill(packet, innermost) && innermost.fragment === 0 && WITH_PORTS.includes(key.protocol);
    id = hasPorts ? communityId(key) : undefined;
    innermost = decoder.inner(packet);
  }
  return id;
}

function isMalformed(packet: PacketView): boolean {
  const counts = new DecoderCounts();
  counts.add(new PacketDecoder().decode(packet), packet.linktype, packet.caplen, packet.origlen);
  return counts.malformed > 0;
}
