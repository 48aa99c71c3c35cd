// The rules that Suricata's package brings, about what is wrong with packets, streams and messages, on real captures beside the
// real Suricata: the same alerts of those that load here, by rule, ends and number. Captures that are odd in their headers, their
// connections or their messages, and some others; all under PKTTAP_FULL=1.

import { describe, expect, it } from 'vitest';
import { parseRules } from '../../src/analyzer/rules/rule-file.js';
import { alertsOf } from '../support/alert-texts.js';
import { analyzed } from '../support/analyzed.js';
import { CORPUS_ROOT, corpusPresent } from '../support/corpus.js';
import { packagedRules, suricataEvents, suricataMissing } from '../support/suricata.js';
import { ALERT_DIFFERENCES, EVENT_DIFFERENCES, FLOW_DIFFERENCES, reasonOf } from '../support/suricata-differences.js';
import { suricataFiles } from '../support/suricata-files.js';

/** Each has alerts. */
const ODD = [
  'the-tcpdump-group+libpcap/tests/filter/ipv6_ext_headers.pcap',
  'the-tcpdump-group+tcpdump/tests/accecn_handshake.pcap',
  'the-tcpdump-group+tcpdump/tests/icmp6-rfc8335.pcap',
  'seladb+PcapPlusPlus/Tests/Packet++Test/PacketExamples/llc_vlan.pcap',
  'seladb+PcapPlusPlus/Tests/Packet++Test/PacketExamples/tcp-malformed.pcap',
  'zeek+zeek/testing/btest/Traces/http/bro.org-filtered.pcap',
  'zeek+zeek/testing/btest/Traces/http/http-single-conn-22.pcap',
  'zeek+zeek/testing/btest/Traces/http/methods.pcap',
  'zeek+zeek/testing/btest/Traces/icmp/icmp6-destunreach-no-context.pcap',
  'zeek+zeek/testing/btest/Traces/ipv4/fragmented-1.pcap',
  'zeek+zeek/testing/btest/Traces/ssh/server-pre-banner-data.pcap',
  'zeek+zeek/testing/btest/Traces/tcp/payload-syn.pcap',
  'zeek+zeek/testing/btest/Traces/tcp/payload-synack.pcap',
  'zeek+zeek/testing/btest/Traces/tls/https-to-http.pcap',
];

const EXPLAINED = [ALERT_DIFFERENCES, EVENT_DIFFERENCES, FLOW_DIFFERENCES];

describe.skipIf(suricataMissing !== undefined || !corpusPresent)("the rules of Suricata's package", () => {
  const text = suricataMissing === undefined ? withoutChecksums(packagedRules()) : '';
  const { rules } = parseRules(text, 'packaged.rules');
  const loaded = new Set(rules.map(({ sid }) => String(sid)));
  const captures = suricataFiles(100).filter((path) => EXPLAINED.every((differences) => !reasonOf(differences, path)));

  /** Suricata's, which are ours, too. */
  async function compared(path: string): Promise<string[]> {
    const theirs = alertsOf(await suricataEvents(path, text)).filter((alert) => loaded.has(sidOf(alert)));
    expect(alertsOf(analyzed(path, { inspection: { rules } }))).toEqual(theirs);
    return theirs;
  }

  it.each(captures)('give the alerts that Suricata gives: %s', async (path) => {
    await compared(path);
  });

  it.each(ODD)('give the alerts that Suricata gives, and some: %s', async (name) => {
    expect((await compared(`${CORPUS_ROOT}${name}`)).length).toBeGreaterThan(0);
  });
});

/** Suricata looks at no checksums here. */
function withoutChecksums(rules: string): string {
  return rules
    .split('\n')
    .filter((line) => !line.includes('-csum:'))
    .join('\n');
}

/** The text begins with it. */
function sidOf(alert: string): string {
  return alert.slice(0, alert.indexOf(' '));
}
