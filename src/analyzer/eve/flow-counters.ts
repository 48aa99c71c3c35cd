// What the EVE records `flow` and `alert` both say of a flow's traffic so far.

import type { Flow } from '../flow/flow.js';
import { eveTime } from './time.js';

/** Packets and bytes in both directions, and when the flow began: fields without braces around them. */
export function flowCountersText(flow: Flow): string {
  const packets = `"pkts_toserver":${flow.pktsToServer},"pkts_toclient":${flow.pktsToClient}`;
  const bytes = `"bytes_toserver":${flow.bytesToServer},"bytes_toclient":${flow.bytesToClient}`;
  return `${packets},${bytes},"start":"${eveTime(flow.startSec, flow.startNsec)}"`;
}
