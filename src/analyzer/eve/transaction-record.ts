// The EVE JSON record of a transaction of an application layer: what the parser says of it, with the flow's head.

import type { AppProtocol, Transaction } from '../app/app-types.js';
import type { Flow } from '../flow/flow.js';
import { writeEnds } from './ends.js';
import type { EveWriter } from './eve-writer.js';
import { TX_ID, typeMember, writeHead, writeMember } from './flow-head.js';
import type { Fragment } from './fragment.js';
import type { RecordPlace } from './record-place.js';

const TYPES: Readonly<Record<AppProtocol, Fragment>> = {
  dns: typeMember('dns'),
  http: typeMember('http'),
  tls: typeMember('tls'),
  ssh: typeMember('ssh'),
  smtp: typeMember('smtp'),
  dhcp: typeMember('dhcp'),
  quic: typeMember('quic'),
};

/** The record of a finished transaction. */
export function writeTransaction(out: EveWriter, flow: Flow, tx: Transaction, place: RecordPlace): void {
  writeHead(out, TYPES[tx.protocol], place, flow);
  writeEnds(out, flow, place.swapped);
  place.communityIds.write(out, flow);
  if (isNumbered(tx)) writeMember(out, TX_ID, tx.id);
  tx.writeEve(out, false);
  out.closeObject();
  out.end();
}

/** Suricata gives the number of the transaction with these only. */
function isNumbered({ protocol }: Transaction): boolean {
  return protocol === 'http' || protocol === 'smtp' || protocol === 'ssh';
}
