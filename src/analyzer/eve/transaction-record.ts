// The EVE JSON record of a transaction of an application layer: what the parser says of it, with the flow's head.

import type { Transaction } from '../app/app-types.js';
import { communityId } from '../flow/community-id.js';
import type { Flow } from '../flow/flow.js';
import { endsText, headText, type RecordPlace, restText } from './flow-head.js';

/** Where and when a transaction finished; `swapped`: its source is who was taken for the server. */
export interface TransactionPlace extends RecordPlace {
  readonly swapped: boolean;
}

/** The record of a finished transaction, without a line break. */
export function transactionRecord(flow: Flow, tx: Transaction, place: TransactionPlace): string {
  const head = `${headText(tx.protocol, place, flow)}${endsText(flow, place.swapped)}`;
  const id = NUMBERED.includes(tx.protocol) ? `"tx_id":${tx.id},` : '';
  return `${head}"community_id":"${communityId(flow)}",${id}${restText(tx.eve())}`;
}

/** Suricata gives the number of the transaction with these only. */
const NUMBERED: readonly string[] = ['http', 'smtp', 'ssh'];
