// What the EVE records `flow` and `alert` both say of a flow's traffic so far.

import type { Flow } from '../flow/flow.js';
import type { EveWriter } from './eve-writer.js';
import { END_OF_TEXT, Fragment } from './fragment.js';

const TO_SERVER = new Fragment('"pkts_toserver":');
const TO_CLIENT = new Fragment(',"pkts_toclient":');
const BYTES_TO_SERVER = new Fragment(',"bytes_toserver":');
const BYTES_TO_CLIENT = new Fragment(',"bytes_toclient":');
const START = new Fragment(',"start":"');

/** Packets and bytes in both directions, and when the flow began. */
export function writeFlowCounters(out: EveWriter, flow: Flow): void {
  out.put(TO_SERVER);
  out.number(flow.pktsToServer);
  out.put(TO_CLIENT);
  out.number(flow.pktsToClient);
  out.put(BYTES_TO_SERVER);
  out.number(flow.bytesToServer);
  out.put(BYTES_TO_CLIENT);
  out.number(flow.bytesToClient);
  out.put(START);
  out.time(flow.startSec, flow.startNsec);
  out.put(END_OF_TEXT);
}
