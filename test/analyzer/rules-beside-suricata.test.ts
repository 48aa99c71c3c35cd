// Rules for each keyword, on real captures, beside the real Suricata: the same alerts by rule, ends and number. Left out is
// what Suricata leaves to chance: it looks at streams in stretches of random length.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Datasets } from '../../src/analyzer/datasets/datasets.js';
import { DEFAULT_SETTINGS } from '../../src/analyzer/rules/parse-rule.js';
import { parseRules } from '../../src/analyzer/rules/rule-file.js';
import { alertsOf } from '../support/alert-texts.js';
import { analyzed, type EveEvent } from '../support/analyzed.js';
import { corpusPresent } from '../support/corpus.js';
import { captureFile, RULE_GROUPS, ruleFile, rulesOf } from '../support/rule-groups.js';
import { suricataEvents, suricataMissing } from '../support/suricata.js';

/** No rule here has a state. */
const NO_STATE = { readState: () => undefined, target: (path: string) => path };

function ours(capture: string, text: string): EveEvent[] {
  const datasets = new Datasets({ read: (path) => readFileSync(ruleFile(path), 'utf8'), ...NO_STATE });
  const { rules, refused } = parseRules(text, 'keywords.rules', { ...DEFAULT_SETTINGS, datasets });
  expect(refused).toEqual([]);
  return analyzed(capture, { inspection: { rules } });
}

const CASES = RULE_GROUPS.flatMap((group) =>
  group.captures.map((capture) => ({
    group,
    capture,
    name: group.name,
    title: typeof capture === 'string' ? capture : capture.title,
  })),
);

describe.skipIf(suricataMissing !== undefined || !corpusPresent)('rules', () => {
  it.each(CASES)('about $name give the alerts that Suricata gives on $title', async ({ group, capture }) => {
    const folder = mkdtempSync(join(tmpdir(), 'pkttap-rules-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = captureFile(capture, folder);
    const rules = rulesOf(group);
    const expected = alertsOf(await suricataEvents(path, rules, group.files?.map(ruleFile)));
    expect(expected.length).toBeGreaterThan(0);
    expect(alertsOf(ours(path, rules))).toEqual(expected);
  });
});
