// Names and types of DNS messages in EVE JSON.

import type { EveWriter } from '../../eve/eve-writer.js';
import { Fragment } from '../../eve/fragment.js';
import { dnsTypeText } from './dns-codes.js';
import { gatherName, MAX_NAME_BYTES, type MessagePlace } from './dns-name.js';

/** Where a name is put together. */
const NAME = new Uint8Array(MAX_NAME_BYTES);

/** The name at `at` of a message that was read. */
export function writeName(out: EveWriter, message: MessagePlace, at: number): void {
  out.bytes(NAME, 0, gatherName(message, at, NAME));
}

/** Types up to here are kept as text. */
const KEPT_TYPES = 257;
const TYPES = Array.from({ length: KEPT_TYPES }, (_, type) => new Fragment(`,"rrtype":"${dnsTypeText(type)}",`));
const TYPE = new Fragment(',"rrtype":"');
const END_OF_TEXT = new Fragment('",');

/** The member that says the type of a question or a record, with commas around it. */
export function writeType(out: EveWriter, type: number): void {
  if (type < KEPT_TYPES) return out.put(TYPES[type]!);
  out.put(TYPE);
  out.number(type);
  out.put(END_OF_TEXT);
}
