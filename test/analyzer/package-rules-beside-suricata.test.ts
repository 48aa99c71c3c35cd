// The rules of Suricata's own package, on real captures that are odd in their headers, their connections and their application
// layers: the same alerts by rule, ends and number as the real Suricata's. docs/rules.md tells what differs elsewhere.

import { describe, expect, it } from 'vitest';
import { parseRules } from '../../src/analyzer/rules/rule-file.js';
import { analyzed } from '../support/analyzed.js';
import { CORPUS_ROOT, corpusPresent } from '../support/corpus.js';
import { packagedRules, suricataEvents, suricataMissing } from '../support/suricata.js';

const CAPTURES = [
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

/** Checksums are not looked at beside Suricata: `-k none`. */
function withoutChecksums(rules: string): string {
  return rules
    .split('\n')
    .filter((line) => !line.includes('-csum:'))
    .join('\n');
}

/** `1 from → to`, sorted, each as often as it was told. Suricata writes all digits of IPv6 addresses. */
function alertsOf(events: readonly Record<string, unknown>[]): string[] {
  return events
    .filter(({ event_type }) => event_type === 'alert')
    .map(({ alert, src_ip, src_port, dest_ip, dest_port }) => {
      const { signature_id } = alert as { signature_id: number };
      return `${signature_id} ${plain(src_ip)} ${src_port} → ${plain(dest_ip)} ${dest_port}`;
    })
    .sort();
}

function plain(address: unknown): string {
  const text = String(address);
  return text.includes(':') ? new URL(`http://[${text}]`).hostname : text;
}

describe.skipIf(suricataMissing !== undefined || !corpusPresent)("the package's rules", () => {
  it.each(CAPTURES)('tell what they tell in Suricata: %s', async (name) => {
    const text = withoutChecksums(packagedRules());
    const { rules } = parseRules(text, 'packaged.rules');
    const theirs = alertsOf(await suricataEvents(`${CORPUS_ROOT}${name}`, text));
    expect(theirs.length).toBeGreaterThan(0);
    expect(alertsOf(analyzed(`${CORPUS_ROOT}${name}`, { inspection: { rules } }))).toEqual(theirs);
  });
});
