// What the EVE records `flow` and `alert` both say of a flow's traffic so far.

import type { Flow } from '../flow/flow.js';
import { eveTime } from './time.js';

/** Packets and bytes in both directions, and when the flow began. */
export function flowCounters(flow: Flow): Record<string, number | string> {
  return {
    pkts_toserver: flow.pktsToServer,
    pkts_toclient: flow.pktsToClient,
    bytes_toserver: flow.bytesToServer,
    bytes_toclient: flow.bytesToClient,
    start: eveTime(flow.startSec, flow.startNsec),
  };
}
