// A rule for each keyword, on real captures, beside the real Suricata: the same alerts by rule, ends and number. Left out is
// what Suricata leaves to chance or ends early: it looks at streams in stretches of random length, and at no payload behind a
// TLS handshake.

import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyzer/analyzer.js';
import { parseRules } from '../../src/analyzer/rules/rule-file.js';
import { CORPUS_ROOT, corpusPresent } from '../support/corpus.js';
import { packetsOf } from '../support/pcap-packets.js';
import { suricataEvents, suricataMissing } from '../support/suricata.js';

const CAPTURES = [
  'kbandla+dpkt/examples/data/http.pcap',
  'zeek+zeek/testing/btest/Traces/http/http-single-conn-22.pcap',
  'zeek+zeek/testing/btest/Traces/dns53.pcap',
];

const RULES = `
alert ip any any -> any any (msg:"once in each direction"; sid:1;)
alert tcp any any -> any 80 (msg:"once, by port"; sid:2;)
alert tcp any any -> any any (msg:"established"; flow:established,to_server; sid:3;)
alert tcp any any -> any any (msg:"flags"; flags:S,CE; sid:4;)
alert tcp any any <> any 80 (msg:"both ways"; flags:SA; sid:5;)
alert tcp any any -> any any (msg:"dsize"; dsize:>0; sid:6;)
alert ip any any -> any any (msg:"ttl"; ttl:<60; sid:7;)
alert ip any any -> any any (msg:"ip_proto"; ip_proto:17; sid:8;)
alert tcp any any -> any any (msg:"alp"; app-layer-protocol:http; sid:9;)
alert tcp any any -> any any (msg:"content of a packet"; content:"HTTP/1."; dsize:>0; sid:10;)
alert tcp any any -> any any (msg:"content by its place"; flow:established,to_server; content:"GET"; depth:3; sid:11;)
alert http any any -> any any (msg:"method"; http.method; bsize:3; content:"GET"; sid:12;)
alert http any any -> any any (msg:"uri"; http.uri; content:"/"; startswith; sid:13;)
alert http any any -> any any (msg:"modifier"; content:"/"; http_uri; nocase; sid:14;)
alert http any any -> any any (msg:"pcre"; pcre:"/^[a-z\\/]+/Ui"; sid:15;)
alert http any any -> any any (msg:"host"; http.host; content:"."; sid:16;)
alert http any any -> any any (msg:"dotprefix"; http.host; dotprefix; content:".www."; sid:17;)
alert http any any -> any any (msg:"user agent"; http.user_agent; content:"mozilla"; nocase; sid:18;)
alert http any any -> any any (msg:"header"; flow:to_client; http.header; content:"Content-Type|3a|"; nocase; sid:19;)
alert http any any -> any any (msg:"status"; http.stat_code; content:"200"; sid:20;)
alert http any any -> any any (msg:"body"; flow:to_client; file.data; content:"<"; sid:21;)
alert http any any -> any any (msg:"negated"; http.method; content:"GET"; http.header_names; content:!"Cookie"; sid:22;)
alert http any any -> any any (msg:"request line"; http.request_line; content:"HTTP/1.1"; endswith; sid:23;)
alert http any any -> any any (msg:"urilen"; urilen:>5; sid:24;)
alert dns any any -> any any (msg:"query"; dns.query; content:"o"; nocase; sid:25;)
alert dns any any -> any any (msg:"query by pcre"; dns.query; pcre:"/\\.(com|net|org)$/i"; sid:26;)
alert tcp any any -> any any (msg:"set"; flow:established,to_server; content:"GET"; depth:3; dsize:>0; flowbits:set,got; noalert; sid:27;)
alert tcp any any -> any any (msg:"isset"; flow:established,to_client; content:"HTTP/1"; depth:6; dsize:>0; flowbits:isset,got; sid:28;)
alert tcp any any -> any any (msg:"limit"; dsize:>0; threshold:type limit, track by_src, count 2, seconds 60; sid:29;)
alert tcp any any -> any any (msg:"both"; dsize:>0; threshold:type both, track by_src, count 3, seconds 60; sid:30;)
alert udp any any -> any 53 (msg:"byte_test"; byte_test:2,=,1,4; sid:31;)
alert udp any any -> any 53 (msg:"byte_jump"; byte_jump:1,12; isdataat:3,relative; sid:32;)
alert udp any any -> any 53 (msg:"byte_extract"; byte_extract:1,12,len; isdataat:len; content:"|00|"; distance:len; sid:33;)
pass udp any any -> any 5353 (msg:"pass"; content:"|00|"; sid:34;)
`;

interface AlertEvent {
  readonly event_type: string;
  readonly src_ip: string;
  readonly src_port: number;
  readonly dest_ip: string;
  readonly dest_port: number;
  readonly alert: { readonly signature_id: number; readonly signature: string };
}

/** `1 message from → to`, sorted, each as often as it was told. */
function alertsOf(events: readonly Record<string, unknown>[]): string[] {
  const alerts = events.filter(({ event_type }) => event_type === 'alert') as unknown as AlertEvent[];
  return alerts
    .map(({ alert, src_ip, src_port, dest_ip, dest_port }) => {
      return `${alert.signature_id} ${alert.signature} ${src_ip} ${src_port} → ${dest_ip} ${dest_port}`;
    })
    .sort();
}

function ours(capture: string): Record<string, unknown>[] {
  const { rules, refused } = parseRules(RULES, 'keywords.rules');
  expect(refused).toEqual([]);
  const events: Record<string, unknown>[] = [];
  const onEvent = (line: string) => events.push(JSON.parse(line) as Record<string, unknown>);
  const analyzer = new Analyzer({ onEvent, inspection: { rules } });
  for (const packet of packetsOf(capture)) analyzer.add(packet);
  analyzer.finish();
  return events;
}

describe.skipIf(suricataMissing !== undefined || !corpusPresent)('a rule for each keyword', () => {
  it.each(CAPTURES)('gives the alerts that Suricata gives on %s', async (name) => {
    const capture = `${CORPUS_ROOT}${name}`;
    const expected = alertsOf(await suricataEvents(capture, RULES));
    expect(expected.length).toBeGreaterThan(0);
    expect(alertsOf(ours(capture))).toEqual(expected);
  });
});
