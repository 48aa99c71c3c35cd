// Every event of real captures is valid by the JSON schema of Suricata's own source, which is stricter than its documentation:
// no name that it doesn't know, no value of another type. It is that of Suricata 8, the first whose source package has it;
// Suricata 7's own events of these kinds are valid by it, too.

import { existsSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import { ANOMALY_TYPES } from '../../../src/analyzer/eve/anomaly-record.js';
import { parseRules } from '../../../src/analyzer/rules/rule-file.js';
import { analyzed, type EveEvent } from '../../support/analyzed.js';
import { classicFiles, corpusPresent } from '../../support/corpus.js';
import { EVE_SCHEMA, packagedRules } from '../../support/suricata.js';

const hasSchema = existsSync(EVE_SCHEMA);
if (!hasSchema) console.warn(`SKIPPED: EVE JSON by Suricata's schema: no ${EVE_SCHEMA}`);

const KINDS = ['alert', 'anomaly', 'dhcp', 'dns', 'flow', 'http', 'quic', 'smtp', 'ssh', 'stats', 'tls'];

/** One for each protocol, as alerts show what the rule looked at; the packaged ones tell of what is wrong. */
const RULES = `
alert ip any any -> any any (msg:"packet"; sid:1; target:src_ip; metadata:created_at 2024_01_31, note its_own;)
alert tcp any any -> any any (msg:"segment"; dsize:>0; sid:2;)
alert http any any -> any any (msg:"http"; http.method; content:"G"; sid:3;)
alert dns any any -> any any (msg:"dns"; sid:4;)
alert tls any any -> any any (msg:"tls"; tls.sni; content:"."; sid:5;)
alert smtp any any -> any any (msg:"smtp"; content:"MAIL"; sid:6;)
alert ssh any any -> any any (msg:"ssh"; content:"SSH"; sid:7;)
alert dhcp any any -> any any (msg:"dhcp"; sid:8;)
alert quic any any -> any any (msg:"quic"; quic.sni; content:"."; sid:9;)
`;

describe.skipIf(!hasSchema || !corpusPresent)('EVE JSON', () => {
  it("is valid by Suricata's schema", () => {
    const isValid = new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(EVE_SCHEMA, 'utf8')));
    const { rules } = parseRules(RULES + packagedRules(), 'all.rules');
    const kinds = new Set<unknown>();
    const violations = new Set<string>();
    for (const { path } of classicFiles(3)) {
      for (const event of analyzed(path, { inspection: { rules, alertPayload: true }, anomalies: ANOMALY_TYPES })) {
        kinds.add(event.event_type);
        for (const violation of violationsOf(event, isValid)) violations.add(violation);
      }
    }
    expect([...violations]).toEqual([]);
    expect([...kinds]).toEqual(expect.arrayContaining(KINDS));
  }, 240_000);
});

function violationsOf(event: EveEvent, isValid: ValidateFunction): string[] {
  const { event_type } = event;
  if (isValid(event)) return [];
  return isValid.errors!.map(({ instancePath, message, params }) => {
    return `${event_type} ${instancePath} ${message} ${JSON.stringify(params)}`;
  });
}
