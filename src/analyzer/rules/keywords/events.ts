// Keywords that wait for what the decoder, the stream and the application layers notice. A name that nobody here tells is
// refused: a rule that never fires where it should is no protection.

import { isAppEvent } from '../../app/app-events.js';
import { DECODER_EVENTS } from '../../decode/events.js';
import { STREAM_EVENTS } from '../../stream/stream-events.js';
import type { Draft } from '../draft.js';
import { RuleProblem } from '../problem.js';
import { type Keywords, required } from './keyword.js';

/**
 * Events that Suricata itself tells only when it is in the packets' way, when it listens to one side, when its threads
 * disagree, of packets that a card cut, or that it was never seen to tell: their rules load, and are as silent here as there.
 */
const SILENT: readonly string[] = [
  'afpacket.trunc_pkt',
  'erspan.header_too_small',
  'erspan.too_many_vlan_layers',
  'erspan.unsupported_version',
  'gre.version1_malformed_sre_hdr',
  'ipv4.opt_unknown',
  'ipv6.exthdr_dupl_eh',
  '3whs_ack_data_inject',
  '3whs_ack_in_wrong_dir',
  '3whs_async_wrong_seq',
  'reassembly_segment_before_base_seq',
  'reassembly_urgent_oob_limit_reached',
  'wrong_thread',
];

/** decode-event, stream-event and app-layer-event. */
export const EVENTS: Keywords = {
  'decode-event': (draft, value, name) => {
    const event = required(value, name);
    if (!isOneOf(DECODER_EVENTS, event)) throw new RuleProblem(`decode-event: ${event} is not told here`);
    waitFor(draft, event);
  },
  'stream-event': (draft, value, name) => {
    const event = required(value, name);
    if (!isOneOf(STREAM_EVENTS, event)) throw new RuleProblem(`stream-event: ${event} is not told here`);
    waitFor(draft, `stream.${event}`);
  },
  'app-layer-event': (draft, value, name) => {
    const event = required(value, name);
    if (!isAppEvent(event)) throw new RuleProblem(`app-layer-event: ${event} is not told here`);
    waitFor(draft, event);
  },
};

function isOneOf(names: readonly string[], event: string): boolean {
  return names.includes(event) || SILENT.includes(event);
}

function waitFor(draft: Draft, event: string): void {
  draft.events.push(event);
  draft.hasKeywords = true;
}
