// Community ID version 1 (https://github.com/corelight/community-id-spec): the same text for a flow in every tool that
// knows it, whichever direction was seen first.

import { hash } from 'node:crypto';
import { IpProtocol } from '../../index.js';
import { ADDRESS_WORDS, type FlowEnds, isIcmp, isOneWay } from './flow-key.js';

const MAX_BYTES = 40;
const bytes = Buffer.alloc(MAX_BYTES);

/** The Community ID of a flow. `seed` (0 to 65,535, default 0) must be the same in all tools that are compared. */
export function communityId(flow: FlowEnds, seed = 0): string {
  const length = isInOrder(flow) || isOneWay(flow) ? put(flow, seed, false) : put(flow, seed, true);
  return `1:${hash('sha1', bytes.subarray(0, length), 'base64')}`;
}

/** Whether the sender is the smaller end, by address and then by port. */
function isInOrder(flow: FlowEnds): boolean {
  for (let i = 0; i < ADDRESS_WORDS; i++) {
    if (flow.srcWord(i) !== flow.dstWord(i)) return flow.srcWord(i) < flow.dstWord(i);
  }
  return flow.srcPort <= flow.dstPort;
}

/** Seed, smaller address, larger address, protocol, zero, smaller end's port, larger end's port; the length of it all. */
function put(flow: FlowEnds, seed: number, swapped: boolean): number {
  let at = bytes.writeUInt16BE(seed, 0);
  for (const isSource of [!swapped, swapped]) {
    for (let i = 0; i < (flow.ipVersion === 4 ? 1 : ADDRESS_WORDS); i++) {
      at = bytes.writeUInt32BE(isSource ? flow.srcWord(i) : flow.dstWord(i), at);
    }
  }
  at = bytes.writeUInt16BE(flow.protocol << 8, at);
  if (!hasPorts(flow)) return at;
  at = bytes.writeUInt16BE(swapped ? flow.dstPort : flow.srcPort, at);
  return bytes.writeUInt16BE(swapped ? flow.srcPort : flow.dstPort, at);
}

function hasPorts(flow: FlowEnds): boolean {
  const { protocol } = flow;
  return protocol === IpProtocol.tcp || protocol === IpProtocol.udp || protocol === IpProtocol.sctp || isIcmp(flow);
}
