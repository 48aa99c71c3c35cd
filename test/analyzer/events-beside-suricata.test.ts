// The events of application layers beside those of the real Suricata, on real captures: the same number, between the same
// ends, with the same fields. Suricata's own configuration leaves fingerprints and Community IDs out; docs/analyzer.md
// tells what differs on other captures.

import { describe, expect, it } from 'vitest';
import { shortAddress } from '../support/addresses.js';
import { analyzed, type EveEvent } from '../support/analyzed.js';
import { appFiles } from '../support/app-files.js';
import { corpusPresent } from '../support/corpus.js';
import { suricataEvents, suricataMissing } from '../support/suricata.js';

const TYPES = ['dns', 'http', 'tls', 'ssh', 'smtp', 'dhcp', 'quic'];
const ENDS = ['event_type', 'src_ip', 'src_port', 'dest_ip', 'dest_port', 'proto', 'tx_id'];
const FINGERPRINTS = ['ja3', 'ja3s', 'ja4', 'hassh'];
/** Suricata tells links of the outermost parts of a letter only. */
const MORE_OF_LETTERS = ['subject', 'url', 'has_ipv4_url', 'has_ipv6_url', 'has_exe_url'];

describe.skipIf(suricataMissing !== undefined || !corpusPresent)('events of application layers', () => {
  it.each(appFiles())('are those of Suricata: %s', async (path) => {
    const theirs = compared(await suricataEvents(path, ''));
    expect(theirs.length).toBeGreaterThan(0);
    expect(compared(analyzed(path))).toEqual(theirs);
  });
});

/** What is compared, in an order of its own. */
function compared(events: readonly EveEvent[]): string[] {
  return events
    .filter(({ event_type }) => TYPES.includes(String(event_type)))
    .map((event) => JSON.stringify(sorted(pick(event, [...ENDS, String(event.event_type), 'email']))))
    .sort();
}

function pick(event: EveEvent, keys: readonly string[]): EveEvent {
  const shown = (key: string) => {
    if (key === 'email') return without(event.email as EveEvent | undefined, MORE_OF_LETTERS);
    return key.endsWith('_ip') ? shortAddress(String(event[key])) : event[key];
  };
  return Object.fromEntries(keys.map((key) => [key, shown(key)]));
}

function without(object: EveEvent | undefined, keys: readonly string[]): EveEvent | undefined {
  return object && Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** Keys in order, at every depth, and without what Suricata tells only if asked. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !FINGERPRINTS.includes(key));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}
