// What a share group's memory tells its members of the group.

import { SharesField } from '../ring/layout.js';

/** A share group, as of now. */
export interface GroupCounters {
  /** How many members it has. */
  readonly members: number;
  /** Packets that had been given to members, and that those left unread behind when they left or died: nobody reads them. */
  readonly handedOver: number;
  /** Packets that were overwritten before it could be seen whether they were of those. */
  readonly unknown: number;
}

/** `shares`: the group's memory. */
export function groupCounters(shares: ArrayBuffer): GroupCounters {
  const longs = new BigUint64Array(shares, 0, SharesField.handOverUnknown / 8 + 1);
  const counter = (field: number) => Number(Atomics.load(longs, field >>> 3));
  return {
    members: counter(SharesField.members),
    handedOver: counter(SharesField.handedOver),
    unknown: counter(SharesField.handOverUnknown),
  };
}
