// Whether bytes are DNS: by content, on any port. The formats that DNS shares with multicast DNS, LLMNR and NetBIOS names
// belong to those ports, and Suricata does not call them dns either.

import { type AppFlow, Direction, Verdict } from '../app-types.js';
import { ByteRange } from '../byte-range.js';
import { DNS_HEADER_BYTES, DnsMessage } from './dns-message.js';
import { gatherName, MAX_NAME_BYTES } from './dns-name.js';

const DNS_PORT = 53;
const OTHER_PROTOCOLS: readonly number[] = [137, 5353, 5355];
const MAX_OPCODE = 6;
/** Internet, Chaos, Hesiod, none and any: what tells DNS from DHCPv6 and NTP, whose first bytes may look like it. */
const CLASSES: readonly number[] = [1, 3, 4, 254, 255];

const message = new DnsMessage();
const range = new ByteRange();
/** Where a name is put together. */
const NAME = new Uint8Array(MAX_NAME_BYTES);

/** A verdict on a whole datagram; yes: `into` has read it. */
export function verdictOnDatagram(direction: number, datagram: ByteRange, flow: AppFlow, into: DnsMessage): number {
  const isItsPort = flow.srcPort === DNS_PORT || flow.dstPort === DNS_PORT;
  if (!isItsPort && isOfOthers(flow)) return Verdict.no;
  if (!looksLikeDns(datagram, isItsPort, into)) return Verdict.no;
  return into.isResponse && direction === Direction.toServer ? Verdict.reversed : Verdict.yes;
}

/** A verdict on what a direction of a stream begins with. */
export function verdictOnStream(bytes: Uint8Array, flow: AppFlow): number {
  const isItsPort = flow.srcPort === DNS_PORT || flow.dstPort === DNS_PORT;
  return !isItsPort && isOfOthers(flow) ? Verdict.no : verdictOnPiece(bytes);
}

/** Whether a message begins here, ports aside: its head behind its length; the whole of it, where it is there. */
export function verdictOnPiece(bytes: Uint8Array): number {
  if (bytes.length < 2) return Verdict.needsMore;
  const end = 2 + bytes[0]! * 256 + bytes[1]!;
  if (end < 2 + DNS_HEADER_BYTES) return Verdict.no;
  if (bytes.length >= end) return looksLikeDns(range.moveTo(bytes, 2, end), false, message) ? Verdict.yes : Verdict.no;
  if (bytes.length < 2 + DNS_HEADER_BYTES) return Verdict.needsMore;
  if (!hasLikelyHeader(range.moveTo(bytes, 2))) return Verdict.no;
  // A message that does not come whole before the probe's end is believed by its header and the question behind it.
  return bytes.length < 64 ? Verdict.needsMore : Verdict.yes;
}

function isOfOthers({ srcPort, dstPort }: AppFlow): boolean {
  return OTHER_PROTOCOLS.includes(srcPort) || OTHER_PROTOCOLS.includes(dstPort);
}

/** On another port than its own a message must be without a flaw, and ask or answer something. */
function looksLikeDns(datagram: ByteRange, isItsPort: boolean, into: DnsMessage): boolean {
  if (!isItsPort && !hasLikelyHeader(datagram)) return false;
  return into.read(datagram) && (isItsPort || hasLikelyQuestions(into));
}

function hasLikelyQuestions(read: DnsMessage): boolean {
  for (let i = 0; i < read.questions; i++) {
    if (!CLASSES.includes(read.class(i)) || !isPrintable(gatherName(read, read.nameAt(i), NAME))) return false;
  }
  return true;
}

/** Whether the name that was put together, of so many bytes, is of letters, digits and signs alone. */
function isPrintable(length: number): boolean {
  for (let i = 0; i < length; i++) if (NAME[i]! < 0x21 || NAME[i]! > 0x7e) return false;
  return true;
}

/** One question, few records, an opcode that exists, no reserved bit. */
function hasLikelyHeader({ bytes, start, end }: ByteRange): boolean {
  if (end - start < DNS_HEADER_BYTES) return false;
  const opcode = (bytes[start + 2]! >> 3) & 15;
  if (opcode > MAX_OPCODE || (bytes[start + 3]! & 0x40) !== 0) return false;
  if (bytes[start + 4] !== 0 || bytes[start + 5] !== 1) return false;
  // Fewer than 256 records of each kind.
  return bytes[start + 6] === 0 && bytes[start + 8] === 0 && bytes[start + 10] === 0;
}
