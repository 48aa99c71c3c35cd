// The records of a DNS response in EVE JSON: each answer with what it says, the same once more grouped by type, and the
// authorities. A TXT record is as many as it has strings.

import type { EveWriter } from '../../eve/eve-writer.js';
import { Fragment } from '../../eve/fragment.js';
import { DnsType, dnsTypeText } from './dns-codes.js';
import type { DnsMessage } from './dns-message.js';
import { writeName } from './dns-name-text.js';
import { writeRecordType } from './dns-type-eve.js';
import { writeValue } from './dns-value-eve.js';

const ANSWERS = new Fragment('"answers":[');
const GROUPED = new Fragment('"grouped":{');
const AUTHORITIES = new Fragment('"authorities":[');
const RRNAME = new Fragment('{"rrname":');
const END = new Fragment('},');

/** Types whose data is looked into, at their rank: those with text first. */
const { a, aaaa, cname, mx, ns, null: none, ptr, txt, soa, srv, sshfp } = DnsType;
const WITH_TEXT = [a, aaaa, cname, mx, ns, none, ptr, txt];
const RANKED = [...WITH_TEXT, soa, srv, sshfp];
const UNRANKED = -1;
const RANKS = new Int8Array(256).fill(UNRANKED);
for (const [rank, type] of RANKED.entries()) RANKS[type] = rank;

/** By rank: the member of a record that says what it says, and that of the group. */
const DATA = RANKED.map((type) => new Fragment(`,"${dataName(type)}":`));
const GROUPS = RANKED.map((type) => new Fragment(`"${dnsTypeText(type)}":[`));

/** The members `answers`, `grouped` and `authorities`, as far as there are any. */
export function writeRecords(out: EveWriter, message: DnsMessage): void {
  const first = message.questions;
  const second = first + message.answers;
  if (message.answers > 0) {
    out.put(ANSWERS);
    writeList(out, message, first, second);
    out.put(GROUPED);
    writeGroups(out, message, first, second);
  }
  if (message.authorities > 0) {
    out.put(AUTHORITIES);
    writeList(out, message, second, second + message.authorities);
  }
}

/** The message's entries from `from` to before `to`, and the array's end. */
function writeList(out: EveWriter, message: DnsMessage, from: number, to: number): void {
  for (let i = from; i < to; i++) writeRecord(out, message, i);
  out.closeArray();
  out.comma();
}

function writeRecord(out: EveWriter, message: DnsMessage, entry: number): void {
  const rank = rankOf(message.type(entry));
  const end = message.dataEnd(entry);
  for (let at = message.dataAt(entry); at < end; at = message.valueEnd(entry, at)) {
    out.put(RRNAME);
    writeName(out, message, message.nameAt(entry));
    writeRecordType(out, message.type(entry));
    out.number(message.ttl(entry));
    if (rank !== UNRANKED) {
      out.put(DATA[rank]!);
      writeValue(out, message, entry, at);
    }
    out.put(END);
  }
}

/** Groups in the order of their first records, and the object's end. */
function writeGroups(out: EveWriter, message: DnsMessage, from: number, to: number): void {
  let written = 0;
  for (let i = from; i < to; i++) {
    const rank = rankOf(message.type(i));
    if (rank === UNRANKED || (written & (1 << rank)) !== 0) continue;
    written |= 1 << rank;
    out.put(GROUPS[rank]!);
    for (let j = i; j < to; j++) if (rankOf(message.type(j)) === rank) writeValues(out, message, j);
    out.closeArray();
    out.comma();
  }
  out.closeObject();
  out.comma();
}

function writeValues(out: EveWriter, message: DnsMessage, entry: number): void {
  const end = message.dataEnd(entry);
  for (let at = message.dataAt(entry); at < end; at = message.valueEnd(entry, at)) {
    writeValue(out, message, entry, at);
    out.comma();
  }
}

function rankOf(type: number): number {
  return type < RANKS.length ? RANKS[type]! : UNRANKED;
}

function dataName(type: number): string {
  return WITH_TEXT.includes(type) ? 'rdata' : dnsTypeText(type).toLowerCase();
}
