// Keywords that wait for what the decoder, the stream and the application layers notice. A name that nobody here tells is
// refused: a rule that never fires is no protection.

import { DECODER_EVENTS } from '../../decode/events.js';
import { STREAM_EVENTS } from '../../stream/stream-events.js';
import type { Draft } from '../draft.js';
import { RuleProblem } from '../problem.js';
import { APP_PROTOCOLS } from './flow.js';
import { type Keywords, required } from './keyword.js';

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
    const [protocol = ''] = event.split('.');
    if (!APP_PROTOCOLS.includes(protocol)) throw new RuleProblem(`app-layer-event: ${event} is not known`);
    waitFor(draft, event);
  },
};

function isOneOf(names: readonly string[], event: string): boolean {
  return names.includes(event);
}

function waitFor(draft: Draft, event: string): void {
  draft.events.push(event);
  draft.hasKeywords = true;
}
