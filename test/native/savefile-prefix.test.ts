// A savefile that is still being copied, or whose disk was full, is a prefix of itself. Every one of them, byte by byte, gives
// the packets that are whole in it and says where the next thing is cut, or ends well where the next thing would begin.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PacketView } from '../../src/packet/packet-view.js';
import { CORPUS_ROOT, corpusPresent } from '../support/corpus.js';
import { outcomeOf, SavefileBench } from '../support/replay-bytes.js';

/** Both byte orders of both formats, nanoseconds, and every block that carries packets or describes them. */
const FILES = [
  'the-tcpdump-group+tcpdump/tests/isup.pcap',
  'zeek+zeek/testing/btest/Traces/http/get-to-ssh-server.pcap',
  'zeek+zeek/testing/btest/Traces/vlan-pcp-dei.pcapng',
  'gopacket+gopacket/pcapgo/tests/be/test101.pcapng',
  'gopacket+gopacket/pcapgo/tests/be/test006.pcapng',
];

const fact = ({ tsNs, origlen, linktype, data }: PacketView) =>
  `${tsNs} ${origlen} ${linktype} ${Buffer.from(data).toString('base64')}`;

describe.skipIf(!corpusPresent)('a savefile cut anywhere', () => {
  let bench: SavefileBench;
  beforeAll(() => {
    bench = new SavefileBench();
  });
  afterAll(() => bench[Symbol.dispose]());

  it.each(FILES)('has what is whole in it, and no more: %s', async (path) => {
    const bytes = readFileSync(CORPUS_ROOT + path);
    const whole = (await bench.replayBytes(bytes)).packets.map(fact);
    let good = 0;
    let packets = 0;
    for (let length = 1; length <= bytes.length; length++) {
      const replayed = await bench.replayBytes(bytes.subarray(0, length));
      expect(replayed.packets.map(fact), `${length} bytes`).toEqual(whole.slice(0, replayed.packets.length));
      // Never fewer than in a shorter prefix, and a new one only where something ends.
      expect(replayed.packets.length).toBeGreaterThanOrEqual(packets);
      expect(replayed.packets.length).toBeLessThanOrEqual(packets + (replayed.end.reason === 'finished' ? 1 : 0));
      packets = replayed.packets.length;
      if (replayed.end.reason === 'finished') good = length;
      else expect(outcomeOf(replayed), `${length} bytes`).toBe(wanted(length, good));
    }
    expect(good).toBe(bytes.length);
    expect(packets).toBe(whole.length);
  });
});

/** `good`: where the last whole thing ends. Fewer bytes than a magic number tell nothing. */
function wanted(length: number, good: number): string {
  return length < 4 ? 'ERR_TAP_NOT_A_SAVEFILE at 0' : `ERR_TAP_CUT_SAVEFILE at ${good}`;
}
