// The block that says at the end what an interface received and what was lost, by cause.
// Source: draft-ietf-opsawg-pcapng, section 4.6. A count that isn't known is not written: 0 would be a claim.

import type { InterfaceStatistics } from '../writer.js';
import { BlockType, frame } from './block.js';
import { commentOptions, countOption, encodeOptions, timeOption, timeWords } from './options.js';

const ISB_STARTTIME = 2;
const ISB_ENDTIME = 3;
const ISB_IFRECV = 4;
const ISB_IFDROP = 5;
const ISB_FILTERACCEPT = 6;
const ISB_OSDROP = 7;
const ISB_USRDELIV = 8;

/** An interface statistics block for the interface with this id in the current section. */
export function interfaceStatistics(interfaceId: number, statistics: InterfaceStatistics): Uint8Array {
  const options = encodeOptions([
    ...commentOptions(statistics.comments),
    ...timeOption(ISB_STARTTIME, statistics.startNs),
    ...timeOption(ISB_ENDTIME, statistics.endNs),
    ...countOption(ISB_IFRECV, statistics.received),
    ...countOption(ISB_IFDROP, statistics.interfaceDropped),
    ...countOption(ISB_FILTERACCEPT, statistics.filterAccepted),
    ...countOption(ISB_OSDROP, statistics.kernelDropped),
    ...countOption(ISB_USRDELIV, statistics.delivered),
  ]);
  const body = new Uint8Array(12 + options.length);
  new DataView(body.buffer).setUint32(0, interfaceId, true);
  body.set(timeWords(statistics.atNs), 4);
  body.set(options, 12);
  return frame(BlockType.interfaceStatistics, body);
}
