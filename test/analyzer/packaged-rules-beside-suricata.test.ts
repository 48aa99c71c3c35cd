// The rules that Suricata's package brings, about what is wrong with packets, streams and messages, on real captures beside the
// real Suricata: the same alerts of those that load here, by rule, ends and number. Some captures; all under PKTTAP_FULL=1.

import { describe, expect, it } from 'vitest';
import { parseRules } from '../../src/analyzer/rules/rule-file.js';
import { alertsOf } from '../support/alert-texts.js';
import { analyzed } from '../support/analyzed.js';
import { corpusPresent } from '../support/corpus.js';
import { packagedRules, suricataEvents, suricataMissing } from '../support/suricata.js';
import { ALERT_DIFFERENCES, EVENT_DIFFERENCES, FLOW_DIFFERENCES, reasonOf } from '../support/suricata-differences.js';
import { suricataFiles } from '../support/suricata-files.js';

const EXPLAINED = [ALERT_DIFFERENCES, EVENT_DIFFERENCES, FLOW_DIFFERENCES];

describe.skipIf(suricataMissing !== undefined || !corpusPresent)("the rules of Suricata's package", () => {
  const text = suricataMissing === undefined ? packagedRules() : '';
  const { rules } = parseRules(text, 'packaged.rules');
  const loaded = new Set(rules.map(({ sid }) => String(sid)));
  const captures = suricataFiles(100).filter((path) => EXPLAINED.every((differences) => !reasonOf(differences, path)));

  it.each(captures)('give the alerts that Suricata gives: %s', async (path) => {
    const theirs = alertsOf(await suricataEvents(path, text));
    expect(alertsOf(analyzed(path, { inspection: { rules } }))).toEqual(
      theirs.filter((alert) => loaded.has(sidOf(alert))),
    );
  });
});

/** The text begins with it. */
function sidOf(alert: string): string {
  return alert.slice(0, alert.indexOf(' '));
}
