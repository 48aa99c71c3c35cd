// The packets of a classic pcap file as views, so that what looks at packets can be tested on real ones without a tap.

import { makePacket, type PacketView } from '../../src/packet/packet-view.js';
import { readClassicPcap } from './classic-pcap.js';
import { makeInterface } from './packets.js';

/** Every packet of a whole, undamaged file, in order, on one interface with the file's linktype. */
export function packetsOf(path: string): PacketView[] {
  const { linktype, records } = readClassicPcap(path);
  const from = makeInterface({ linktype, timestampSource: 'savefile' });
  return records.map(({ data, origlen, tsNs }) => makePacket({ data, origlen, tsNs, interface: from }));
}
