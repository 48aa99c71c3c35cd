// The EVE JSON record of a transaction of an application layer: what the parser says of it, with the flow's head.

import type { Transaction } from '../app/app-types.js';
import { communityId } from '../flow/community-id.js';
import type { Flow } from '../flow/flow.js';
import { flowHead, type RecordPlace } from './flow-head.js';

/** Where and when a transaction finished; `swapped`: its source is who was taken for the server. */
export interface TransactionPlace extends RecordPlace {
  readonly swapped: boolean;
}

/** The record of a finished transaction, without a line break. */
export function transactionRecord(flow: Flow, tx: Transaction, place: TransactionPlace): string {
  const head = flowHead(tx.protocol, flow, place);
  return JSON.stringify({
    ...(place.swapped ? withEndsSwapped(head) : head),
    community_id: communityId(flow),
    ...(NUMBERED.includes(tx.protocol) && { tx_id: tx.id }),
    ...tx.eve(),
  });
}

function withEndsSwapped(head: Record<string, unknown>): Record<string, unknown> {
  const { src_ip, src_port, dest_ip, dest_port } = head;
  return { ...head, src_ip: dest_ip, src_port: dest_port, dest_ip: src_ip, dest_port: src_port };
}

/** Suricata gives the number of the transaction with these only. */
const NUMBERED: readonly string[] = ['http', 'smtp', 'ssh'];
