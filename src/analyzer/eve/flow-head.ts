// How EVE records begin: time, flow, interface and kind.

import type { Flow } from '../flow/flow.js';
import type { EveWriter } from './eve-writer.js';
import { END_OF_TEXT, Fragment } from './fragment.js';
import type { RecordPlace } from './record-place.js';

/** An interface's name as a member of records; nothing if it has none. */
export function deviceMember(name: string | undefined): Fragment {
  return new Fragment(name === undefined ? '' : `"in_iface":${JSON.stringify(name)},`);
}

/** A kind of record as a member of it. */
export function typeMember(eventType: string): Fragment {
  return new Fragment(`"event_type":"${eventType}",`);
}

const TIME = new Fragment('{"timestamp":"');
const FLOW = new Fragment('","flow_id":');
const VLAN = new Fragment('"vlan":');

/** The key of a transaction's number: {@link writeMember}. */
export const TX_ID = new Fragment('"tx_id":');

/** Begins a record. `type`: a {@link typeMember}. */
export function writeHead(out: EveWriter, type: Fragment, { sec, nsec, device }: RecordPlace, flow?: Flow): void {
  out.begin();
  out.put(TIME);
  out.time(sec, nsec);
  if (flow === undefined) out.put(END_OF_TEXT);
  else writeFlowId(out, flow);
  out.put(device);
  out.put(type);
  if (flow?.hasVlans !== true) return;
  out.put(VLAN);
  out.json(flow.vlans);
  out.comma();
}

function writeFlowId(out: EveWriter, flow: Flow): void {
  out.put(FLOW);
  out.number(flowId(flow));
  out.comma();
}

/** Tells flows of one run apart, and mostly those of others: 21 bits of the start time, 32 bits of the serial number. */
function flowId(flow: Flow): number {
  return (flow.startSec & (2 ** 21 - 1)) * 2 ** 32 + flow.serial;
}

/** A member whose value is a number. `key`: with quotes and the colon. */
export function writeMember(out: EveWriter, key: Fragment, value: number): void {
  out.put(key);
  out.number(value);
  out.comma();
}
