// Who sent a packet to whom, as the EVE records about a single packet say it.

import { NONE } from '../../index.js';
import type { PacketFacts } from '../rules/packet-facts.js';
import { protocolAfterNumber, protocolAfterText, writeAddress } from './ends.js';
import type { EveWriter } from './eve-writer.js';
import { writeMember } from './flow-head.js';
import { END_OF_TEXT, Fragment } from './fragment.js';

const SOURCE = new Fragment('"src_ip":"');
const SOURCE_PORT = new Fragment('","src_port":');
const DEST = new Fragment('"dest_ip":"');
const DEST_PORT = new Fragment('","dest_port":');
const ICMP_TYPE = new Fragment('"icmp_type":');
const ICMP_CODE = new Fragment('"icmp_code":');

/** Keys that the packet has nothing for are left out: all, if it is not IP, or its IP header is broken. */
export function writePacketEnds(out: EveWriter, facts: PacketFacts): void {
  if (facts.ipVersion === 0) return;
  writeSource(out, facts);
  writeDest(out, facts);
  if (facts.icmpType === NONE) return;
  writeMember(out, ICMP_TYPE, facts.icmpType);
  writeMember(out, ICMP_CODE, facts.icmpCode);
}

function writeSource(out: EveWriter, facts: PacketFacts): void {
  out.put(SOURCE);
  writeAddress(out, facts, false);
  if (facts.srcPort === NONE) out.put(END_OF_TEXT);
  else writeMember(out, SOURCE_PORT, facts.srcPort);
}

function writeDest(out: EveWriter, facts: PacketFacts): void {
  out.put(DEST);
  writeAddress(out, facts, true);
  if (facts.dstPort === NONE) return out.put(protocolAfterText(facts.protocol));
  out.put(DEST_PORT);
  out.number(facts.dstPort);
  out.put(protocolAfterNumber(facts.protocol));
}
