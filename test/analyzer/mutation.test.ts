// The corpus, spoilt, through the whole analyzer: nothing is thrown, every packet is counted, and memory stays bounded.

import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyzer/analyzer.js';
import { parseRules } from '../../src/analyzer/rules/rule-file.js';
import { makePacket, type PacketView } from '../../src/packet/packet-view.js';
import { corpusFiles, corpusPresent } from '../support/corpus.js';
import { eventsTo } from '../support/event-lines.js';
import { packetsOf } from '../support/pcap-packets.js';
import { RULE_GROUPS, rulesOf } from '../support/rule-groups.js';

/** Another number tries other mutations. */
const SEED = 20_231_114;
const PACKETS = 60_000;
const PACKETS_WITH_RULES = 4000;
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

/** Spoilt packets in order, so that connections and fragments still come together; now and then one is missing or comes twice. */
function* disorder(count: number): Generator<PacketView> {
  const random = randomFrom(SEED);
  const sound = [...originals()];
  for (let i = 0; i < count; i++) {
    const packet = sound[(i + (random(20) === 0 ? random(5) : 0)) % sound.length]!;
    yield random(2) === 0 ? packet : spoilt(packet, random);
  }
}

describe.skipIf(!corpusPresent)('the spoilt corpus', () => {
  it(`goes through the analyzer without harm (seed ${SEED})`, () => {
    const counts = { events: 0, packets: 0 };
    const analyzer = new Analyzer({
      maxFlows: MAX_FLOWS,
      onEvents: eventsTo(() => counts.events++),
    });
    for (const packet of disorder(PACKETS)) {
      analyzer.add(packet);
      if (counts.packets++ % 1000 === 0) expect(analyzer.summary().flows.active).toBeLessThanOrEqual(MAX_FLOWS);
    }
    analyzer.finish();
    expect(analyzer.summary().packets).toBe(PACKETS);
    expect(counts.events).toBeGreaterThan(1000);
  });

  it(`goes through rules with every keyword without harm (seed ${SEED})`, () => {
    const texts = RULE_GROUPS.filter(({ files }) => files === undefined).map(rulesOf);
    const rules = texts.flatMap((text) => parseRules(text, 'x.rules').rules);
    let alerts = 0;
    const onEvents = eventsTo(({ event_type }) => {
      if (event_type === 'alert') alerts++;
    });
    const analyzer = new Analyzer({ maxFlows: MAX_FLOWS, onEvents, inspection: { rules } });
    for (const packet of disorder(PACKETS_WITH_RULES)) analyzer.add(packet);
    analyzer.finish();
    expect(analyzer.summary().packets).toBe(PACKETS_WITH_RULES);
    expect(alerts).toBeGreaterThan(500);
  });
});
