// What is told as lines of bytes, as what the lines say.

import type { Transaction } from '../../src/analyzer/app/app-types.js';
import { type EventsListener, EveWriter } from '../../src/analyzer/eve/eve-writer.js';

/** A listener that calls `onLine` with each line, without its line break; throws if they aren't as many as was said. */
export function linesTo(onLine: (line: string) => void): EventsListener {
  return (bytes, count) => {
    const lines = Buffer.from(bytes).toString().split('\n');
    if (lines.pop() !== '' || lines.length !== count) throw new Error(`not ${count} whole lines: ${lines.length}`);
    lines.forEach(onLine);
  };
}

/** A listener that calls `onEvent` with each event. */
export function eventsTo<Event = Record<string, unknown>>(onEvent: (event: Event) => void): EventsListener {
  return linesTo((line) => onEvent(JSON.parse(line) as Event));
}

/** What a transaction's record says of it. */
export function eveOf(tx: Transaction, forAlert = false): Record<string, unknown> {
  let eve: Record<string, unknown> = {};
  const out = new EveWriter(eventsTo((event) => (eve = event)));
  out.begin();
  out.ascii('{');
  tx.writeEve(out, forAlert);
  out.closeObject();
  out.end();
  out.flush();
  return eve;
}
