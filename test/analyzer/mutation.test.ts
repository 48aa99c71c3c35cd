// The corpus, spoilt, through the whole analyzer: nothing is thrown, every packet is counted, and memory stays bounded.

import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyzer/analyzer.js';
import { makePacket, type PacketView } from '../../src/packet/packet-view.js';
import { corpusFiles, corpusPresent } from '../support/corpus.js';
import { packetsOf } from '../support/pcap-packets.js';

/** Another number tries other mutations. */
const SEED = 20_231_114;
const PACKETS = 60_000;
const MAX_FLOWS = 2000;

/** Numbers from 0 to below `limit`, the same for the same seed. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Packets of many protocols and link types, no more than a few hundred of each file. */
function* originals(): Generator<PacketView> {
  const wanted = /Traces\/(tunnels|http|dns|tls|ssh|smtp|dhcp|quic|icmp|ftp)\/|tcpdump\/tests\//;
  const files = corpusFiles('valid').filter(({ path, format }) => wanted.test(path) && format.startsWith('pcap-'));
  for (const { path, packets = 0 } of files) if (packets < 2000) yield* packetsOf(path).slice(0, 200);
}

function spoilt(packet: PacketView, random: (limit: number) => number): PacketView {
  const data = Uint8Array.from(packet.data);
  for (let left = random(5); left > 0 && data.length > 0; left--) data[random(data.length)] = random(256);
  const caplen = random(8) === 0 ? random(data.length + 1) : data.length;
  const origlen = random(16) === 0 ? random(70_000) : Math.max(packet.origlen, caplen);
  // Time stands still, jumps and goes back.
  const tsNs = packet.tsNs + BigInt(random(3) === 0 ? random(200) : 0) * 1_000_000_000n;
  return makePacket({ data: data.subarray(0, caplen), origlen, tsNs, interface: packet.interface });
}

describe.skipIf(!corpusPresent)('the spoilt corpus', () => {
  it(`goes through the analyzer without harm (seed ${SEED})`, () => {
    const random = randomFrom(SEED);
    const counts = { events: 0, fragments: 0 };
    const analyzer = new Analyzer({
      maxFlows: MAX_FLOWS,
      onEvent: (line) => {
        JSON.parse(line);
        counts.events++;
      },
    });
    const sound = [...originals()];
    for (let i = 0; i < PACKETS; i++) {
      // In order, so that connections and fragments still come together; now and then one is missing or comes twice.
      const packet = sound[(i + (random(20) === 0 ? random(5) : 0)) % sound.length]!;
      analyzer.add(random(2) === 0 ? packet : spoilt(packet, random));
      if (i % 1000 === 0) expect(analyzer.summary().flows.active).toBeLessThanOrEqual(MAX_FLOWS);
    }
    analyzer.finish();
    expect(analyzer.summary().packets).toBe(PACKETS);
    expect(counts.events).toBeGreaterThan(1000);
  });
});
