// Community ID version 1 (https://github.com/corelight/community-id-spec): the same text for a flow in every tool that
// knows it, whichever direction was seen first. It is base64 of a SHA-1 of the flow's ends.

import { ADDRESS_WORDS, type FlowEnds, hasPorts, isIcmp, isOneWay } from './flow-key.js';
import { BLOCK_WORDS, SCHEDULE_WORDS, sha1 } from './sha1.js';

const message = new Int32Array(SCHEDULE_WORDS);
/** What follows a message. */
const END_MARK = 0x8000;

/**
 * The hash in the Community ID of a flow, as big-endian words. `seed` (0 to 65,535, default 0) must be the same in all tools that
 * are compared.
 */
export function communityDigest(flow: FlowEnds, digest: Int32Array, seed = 0): void {
  const swapped = !isInOrder(flow) && !isOneWay(flow);
  sha1(message, flow.ipVersion === 4 ? putIpv4(flow, seed, swapped) : putIpv6(flow, seed, swapped), digest);
}

/** Whether the sender is the smaller end, by address and then by port. */
function isInOrder(flow: FlowEnds): boolean {
  for (let i = 0; i < ADDRESS_WORDS; i++) {
    if (flow.srcWord(i) !== flow.dstWord(i)) return flow.srcWord(i) < flow.dstWord(i);
  }
  return flow.srcPort <= flow.dstPort;
}

/**
 * Seed, smaller address, larger address, protocol, zero, smaller end's port, larger end's port; the length of it all. The
 * seed takes two bytes, so that every address lies across two words.
 */
function putIpv4(flow: FlowEnds, seed: number, swapped: boolean): number {
  const first = swapped ? flow.dstWord(0) : flow.srcWord(0);
  const second = swapped ? flow.srcWord(0) : flow.dstWord(0);
  message[0] = (seed << 16) | (first >>> 16);
  message[1] = (first << 16) | (second >>> 16);
  return putRest(flow, 2, second, swapped);
}

function putIpv6(flow: FlowEnds, seed: number, swapped: boolean): number {
  let before = seed;
  for (let i = 0; i < 2 * ADDRESS_WORDS; i++) {
    const isSource = i < ADDRESS_WORDS !== swapped;
    const word = isSource ? flow.srcWord(i % ADDRESS_WORDS) : flow.dstWord(i % ADDRESS_WORDS);
    message[i] = (before << 16) | (word >>> 16);
    before = word;
  }
  return putRest(flow, 2 * ADDRESS_WORDS, before, swapped);
}

/** What follows the addresses, the last word of which is `before`. */
function putRest(flow: FlowEnds, at: number, before: number, swapped: boolean): number {
  for (let i = at; i < BLOCK_WORDS; i++) message[i] = 0;
  message[at] = (before << 16) | (flow.protocol << 8);
  if (!hasPorts(flow.protocol) && !isIcmp(flow)) {
    message[at + 1] = END_MARK << 16;
    return 4 * at + 4;
  }
  const { srcPort, dstPort } = flow;
  message[at + 1] = swapped ? (dstPort << 16) | srcPort : (srcPort << 16) | dstPort;
  message[at + 2] = END_MARK << 16;
  return 4 * at + 8;
}
