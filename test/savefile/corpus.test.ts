// Every classic pcap of the corpus, through our writers and back: what tshark reads of our copy is what it reads of the
// originals. (The whole way, through a tap and including pcapng, is an end-to-end test of its own.)

import { describe, expect, it } from 'vitest';
import type { InterfaceInfo } from '../../src/packet/interface.js';
import { makePacket, type PacketView } from '../../src/packet/packet-view.js';
import { createWriter } from '../../src/savefile/create-writer.js';
import { readClassicPcap } from '../support/classic-pcap.js';
import { corpusPresent } from '../support/corpus.js';
import { comparable, corpusForTcpdump, corpusGroups, recordsByTcpdump } from '../support/corpus-groups.js';
import { encodeSavefile } from '../support/encode-savefile.js';
import { describeCapture } from '../support/tshark.js';

const groups = corpusGroups(600).filter(({ name }) => name.startsWith('pcap '));

describe.skipIf(!corpusPresent)('the corpus of captures', () => {
  it.each(groups)('keeps every packet as it stood: $name', async ({ paths, expected }) => {
    const { interfaces, packets } = readFiles(paths);
    const copy = encodeSavefile(createWriter({ format: 'pcapng', interfaces }), packets);
    const actual = comparable(await describeCapture(copy));
    const wanted = await expected();
    const different = wanted.findIndex(({ line }, at) => line !== actual[at]);
    expect({ from: wanted[different], line: actual[different] }).toEqual({ from: undefined, line: undefined });
    expect(actual.length).toBe(wanted.length);
  });

  it.each(corpusForTcpdump())('keeps linktypes that only tcpdump knows: $path', async ({ path }) => {
    const { interfaces, packets } = readFiles([path]);
    const original = await recordsByTcpdump(path);
    for (const format of ['nsecpcap', 'pcapng'] as const) {
      const copy = encodeSavefile(createWriter({ format, interfaces }), packets);
      expect(await recordsByTcpdump(copy)).toEqual(original);
    }
  });
});

/** The packets of all files, each file an interface in a section of its own, as a tap that replays them has them. */
function readFiles(paths: readonly string[]): { interfaces: InterfaceInfo[]; packets: PacketView[] } {
  const interfaces: InterfaceInfo[] = [];
  const packets: PacketView[] = [];
  for (const [index, path] of paths.entries()) {
    const { linktype, snaplen, records } = readClassicPcap(path);
    const from: InterfaceInfo = { index, linktype, snaplen, section: index, timestampSource: 'savefile' };
    interfaces.push(from);
    for (const { data, origlen, tsNs } of records) packets.push(makePacket({ data, origlen, tsNs, interface: from }));
  }
  return { interfaces, packets };
}
