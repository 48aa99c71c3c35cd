// The EVE JSON record of a transaction of an application layer: what the parser says of it, with the flow's head.

import type { Transaction } from '../app/app-types.js';
import { communityId } from '../flow/community-id.js';
import type { Flow } from '../flow/flow.js';
import { flowHead, type RecordPlace } from './flow-head.js';

/** The record of a finished transaction, without a line break. */
export function transactionRecord(flow: Flow, tx: Transaction, place: RecordPlace): string {
  return JSON.stringify({
    ...flowHead(tx.protocol, flow, place),
    community_id: communityId(flow),
    ...(NUMBERED.includes(tx.protocol) && { tx_id: tx.id }),
    ...tx.eve(),
  });
}

/** Suricata gives the number of the transaction with these only. */
const NUMBERED: readonly string[] = ['http', 'smtp', 'ssh'];
