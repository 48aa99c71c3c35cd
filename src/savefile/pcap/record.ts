// One packet in a classic pcap: runs once per packet and so works in place.
// Source: draft-ietf-opsawg-pcap, section 5; its drawing, with the bytes of each field:
//
//   seconds 4 | fraction 4 (ns or us, as the file header says) | caplen 4 | origlen 4 | packet

import { SavefileError } from '../../errors.js';
import type { PacketView } from '../../packet/packet-view.js';
import type { Destination } from '../writer.js';

/** Bytes of the header before each packet. */
export const RECORD_BYTES = 16;

/** The last second a record can name, 2106-02-07 06:28:15 UTC: it has unsigned 32 bits for it. */
const LAST_SECOND = 0xffff_ffff;
const NS_PER_US = 1000;

/** Writes the record at `at` and gives the offset after it. Throws ERR_TAP_UNWRITABLE for a time after LAST_SECOND. */
export function encodeRecord(packet: PacketView, nanoseconds: boolean, into: Destination, at: number): number {
  const { bytes, view } = into;
  const { caplen, tsSec, tsNsec } = packet;
  if (tsSec > LAST_SECOND) throw tooLate(tsSec);
  view.setUint32(at, tsSec, true);
  view.setUint32(at + 4, nanoseconds ? tsNsec : Math.floor(tsNsec / NS_PER_US), true);
  view.setUint32(at + 8, caplen, true);
  view.setUint32(at + 12, packet.origlen, true);
  bytes.set(packet.data, at + RECORD_BYTES);
  return at + RECORD_BYTES + caplen;
}

function tooLate(tsSec: number): SavefileError {
  return new SavefileError(
    'ERR_TAP_UNWRITABLE',
    `pcap has 32 bits for seconds, which end in 2106: tsSec=${tsSec}; write pcapng: -w x.pcapng`,
  );
}
