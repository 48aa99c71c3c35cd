// Provider backbone bridges (IEEE 802.1ah): behind their service tag lies the customer's whole Ethernet frame.

import { EtherType, type Layers } from '../../index.js';
import type { Entry } from './entry.js';
import type { EventSink } from './events.js';

/** EtherType of the service tag. */
export const BACKBONE_TAG = 0x88e7;

/** The tag without its EtherType: four bytes; then two addresses and an EtherType of the customer's. */
const TAG_BYTES = 4;
const ETHERNET_HEADER = 14;

/** Behind the service tag at `at`. */
export function enterBackbone(layers: Layers, at: number, entry: Entry, events: EventSink): boolean {
  if (at + TAG_BYTES + ETHERNET_HEADER <= layers.end) return entry.set(at + TAG_BYTES, EtherType.ethernet);
  if (layers.end === layers.wireEnd) events.event('ieee8021ah.header_too_small');
  return false;
}
