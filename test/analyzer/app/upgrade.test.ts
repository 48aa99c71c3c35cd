// A connection that changes its protocol, through the whole analyzer.

import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Analyzer } from '../../../src/analyzer/analyzer.js';
import { CORPUS_ROOT } from '../../support/corpus.js';
import { eventsTo } from '../../support/event-lines.js';
import { packetsOf } from '../../support/pcap-packets.js';

const CAPTURE = `${CORPUS_ROOT}zeek+zeek/testing/btest/Traces/tls/smtp-starttls.pcap`;

it.skipIf(!existsSync(CAPTURE))('SMTP that goes on as TLS is told as both', () => {
  const events: Record<string, unknown>[] = [];
  const analyzer = new Analyzer({ onEvents: eventsTo((event) => events.push(event)), anomalies: [] });
  for (const packet of packetsOf(CAPTURE)) analyzer.add(packet);
  analyzer.finish();
  expect(events.map(({ event_type }) => event_type)).toEqual(['smtp', 'tls', 'flow', 'stats']);
  expect(events[1]).toMatchObject({ tls: { from_proto: 'smtp', version: 'TLS 1.2' } });
  expect(events[2]).toMatchObject({ app_proto: 'tls', app_proto_orig: 'smtp' });
});
