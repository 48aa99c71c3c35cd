// The two ends of a flow as members of records, and its protocol.

import { protocolText } from '../flow/address-text.js';
import type { Flow } from '../flow/flow.js';
import { type FlowEnds, hasPorts, isIcmp } from '../flow/flow-key.js';
import type { EveWriter } from './eve-writer.js';
import { writeMember } from './flow-head.js';
import { Fragment } from './fragment.js';

const SOURCE = new Fragment('"src_ip":"');
const SOURCE_PORT = new Fragment('","src_port":');
const DEST = new Fragment('","dest_ip":"');
const DEST_AFTER_PORT = new Fragment(',"dest_ip":"');
const DEST_PORT = new Fragment('","dest_port":');

/** By IP protocol, as {@link protocolAfterNumber}. */
const afterNumber: Fragment[] = [];
const afterText: Fragment[] = [];

/** An IP protocol as a member behind a number: `,"proto":"TCP",`. */
export function protocolAfterNumber(protocol: number): Fragment {
  afterNumber[protocol] ??= new Fragment(`,"proto":"${protocolText(protocol)}",`);
  return afterNumber[protocol];
}

/** The same behind text, with the quote that ends it. */
export function protocolAfterText(protocol: number): Fragment {
  afterText[protocol] ??= new Fragment(`","proto":"${protocolText(protocol)}",`);
  return afterText[protocol];
}

/** The flow's ends. `swapped`: its source is who was taken for the server. */
export function writeEnds(out: EveWriter, flow: Flow, swapped = false): void {
  const { protocol } = flow;
  out.put(SOURCE);
  writeAddress(out, flow, swapped);
  if (hasPorts(protocol)) {
    const { srcPort, dstPort } = flow;
    out.put(SOURCE_PORT);
    out.number(swapped ? dstPort : srcPort);
    out.put(DEST_AFTER_PORT);
    writeAddress(out, flow, !swapped);
    out.put(DEST_PORT);
    out.number(swapped ? srcPort : dstPort);
    out.put(protocolAfterNumber(protocol));
    return;
  }
  out.put(DEST);
  writeAddress(out, flow, !swapped);
  out.put(protocolAfterText(protocol));
  if (isIcmp(flow)) writeIcmp(out, flow);
}

/** The address of one end, without quotes. */
export function writeAddress(out: EveWriter, flow: FlowEnds, isDest: boolean): void {
  if (isDest) {
    if (flow.ipVersion === 4) out.ipv4(flow.dstWord(0));
    else out.ipv6(flow.dstWord(0), flow.dstWord(1), flow.dstWord(2), flow.dstWord(3));
  } else if (flow.ipVersion === 4) out.ipv4(flow.srcWord(0));
  else out.ipv6(flow.srcWord(0), flow.srcWord(1), flow.srcWord(2), flow.srcWord(3));
}

const ICMP_TYPE = new Fragment('"icmp_type":');
const ICMP_CODE = new Fragment('"icmp_code":');
const ANSWER_TYPE = new Fragment('"response_icmp_type":');
const ANSWER_CODE = new Fragment('"response_icmp_code":');

function writeIcmp(out: EveWriter, { toServerFlags: first, toClientFlags: answer }: Flow): void {
  writeMember(out, ICMP_TYPE, (first - 1) >> 8);
  writeMember(out, ICMP_CODE, (first - 1) & 255);
  if (answer === 0) return;
  writeMember(out, ANSWER_TYPE, (answer - 1) >> 8);
  writeMember(out, ANSWER_CODE, (answer - 1) & 255);
}
