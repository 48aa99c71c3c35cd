// Rules for tests beside the real Suricata, in groups: a file of rules each, with captures on which some of them match, out
// of the corpus or made here. What they say is compared by rule, ends and number.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CORPUS_ROOT } from './corpus.js';
import { pcapHeader, pcapRecord } from './craft-savefile.js';
import { concat, ethernet, ipv4, udp } from './frames.js';
import { heartbeatTalks } from './heartbeats.js';
import { realisticTraffic } from './realistic-traffic.js';

/** Rules that belong together. */
export interface RuleGroup {
  /** Their file is `rules/NAME.rules`. */
  readonly name: string;
  /** Files that the rules read, beside their own. */
  readonly files?: readonly string[];
  /** Paths in the corpus, or packets that are said one after the other. */
  readonly captures: readonly (string | Crafted)[];
}

/** Packets that nobody captured. */
export interface Crafted {
  readonly title: string;
  readonly frames: readonly Uint8Array[];
}

const ZEEK = 'zeek+zeek/testing/btest/Traces';
const HTTP = 'kbandla+dpkt/examples/data/http.pcap';
const FIRST_PORT = 2000;

/** All groups. */
export const RULE_GROUPS: readonly RuleGroup[] = [
  { name: 'basics', captures: [HTTP, `${ZEEK}/http/http-single-conn-22.pcap`, `${ZEEK}/dns53.pcap`] },
  {
    name: 'headers',
    captures: [
      HTTP,
      `${ZEEK}/http/basic-auth-with-colon.pcap`,
      `${ZEEK}/icmp/icmp6-ping.pcap`,
      `${ZEEK}/icmp/icmp6-toobig.pcap`,
      `${ZEEK}/communityid/icmp.pcap`,
    ],
  },
  { name: 'flow-ints', captures: [HTTP] },
  {
    name: 'tls',
    captures: [
      `${ZEEK}/tls/tls1.2-late-protocol-error.pcap`,
      `${ZEEK}/tls/chrome-1250-tls-x25519-kyber.pcap`,
      `${ZEEK}/tls/tls-expired-cert.pcap`,
    ],
  },
  { name: 'capitals', captures: [`${ZEEK}/tls/google-cert-repeat.pcap`] },
  { name: 'limits', captures: [HTTP, `${ZEEK}/http/content-length-overflow.pcap`] },
  { name: 'ssh', captures: [`${ZEEK}/ssh/single-conn.pcap`, `${ZEEK}/ssh/ssh_kex_curve25519.pcap`] },
  {
    name: 'encrypted',
    captures: [
      `${ZEEK}/tls/tls1.2.pcap`,
      `${ZEEK}/tls/tls13-ech.pcap`,
      `${ZEEK}/tls/signed_certificate_timestamp-2.pcap`,
      `${ZEEK}/ssh/ssh_kex_curve25519.pcap`,
      `${ZEEK}/ssh/ssh_version_199.pcap`,
    ],
  },
  {
    name: 'heartbeats',
    captures: [
      { title: 'heartbeats made for it', frames: heartbeatTalks() },
      `${ZEEK}/tls/heartbleed-success.pcap`,
      `${ZEEK}/tls/heartbleed-encrypted-success.pcap`,
    ],
  },
  { name: 'http', captures: [HTTP, `${ZEEK}/http/content-length-overflow.pcap`] },
  { name: 'files', captures: [HTTP] },
  { name: 'letters', captures: [`${ZEEK}/smtp.pcap`] },
  {
    name: 'quic',
    captures: [
      `${ZEEK}/quic/curl-8.1.2-dev-http3-www-google-de.pcap`,
      `${ZEEK}/quic/quicv2-echo-443.pcap`,
      `${ZEEK}/quic/quic-39264-rand.pcap`,
      'the-tcpdump-group+tcpdump/tests/gquic.pcap',
      'the-tcpdump-group+tcpdump/tests/quic_retry.pcap',
    ],
  },
  {
    name: 'realistic',
    captures: [
      { title: 'traffic as malware and scanners make it', frames: realisticTraffic() },
      `${ZEEK}/tls/google-cert-repeat.pcap`,
      `${ZEEK}/tls/tls-expired-cert.pcap`,
    ],
  },
  {
    name: 'datasets',
    files: [
      'hosts.lst',
      'hosts-md5.lst',
      'names-sha256.lst',
      'addresses-4.lst',
      'addresses.lst',
      'hosts.rep',
      'addresses.rep',
    ],
    captures: [{ title: 'traffic as malware and scanners make it', frames: realisticTraffic() }],
  },
  { name: 'base64', captures: [datagrams('Base64', base64Texts())] },
  { name: 'byte-math', captures: [datagrams('numbers', numbers())] },
];

/** The text of a group's rules. */
export function rulesOf({ name }: RuleGroup): string {
  return readFileSync(ruleFile(`${name}.rules`), 'utf8');
}

/** The path of a file beside the rules. */
export function ruleFile(name: string): string {
  return fileURLToPath(new URL(`rules/${name}`, import.meta.url));
}

/** A capture as a file: its own, or one in the folder. */
export function captureFile(capture: string | Crafted, folder: string): string {
  if (typeof capture === 'string') return `${CORPUS_ROOT}${capture}`;
  const path = `${folder}/capture.pcap`;
  const records = capture.frames.map((data, i) => pcapRecord({ data, seconds: 1_700_000_000, fraction: i }));
  writeFileSync(path, concat(pcapHeader(), ...records));
  return path;
}

/** Each from a port of its own. */
function datagrams(title: string, payloads: readonly (string | Uint8Array)[]): Crafted {
  const bytesOf = (payload: string | Uint8Array) =>
    typeof payload === 'string' ? Uint8Array.from(Buffer.from(payload, 'latin1')) : payload;
  const frames = payloads.map((payload, i) => {
    const datagram = udp(bytesOf(payload), { srcPort: FIRST_PORT + i, dstPort: 9999 });
    return concat(ethernet(0x0800), ipv4(datagram, { protocol: 17 }));
  });
  return { title, frames };
}

/** Whole, cut short, with characters that aren't of the alphabet, with padding in the middle. */
function base64Texts(): string[] {
  const texts = 'QUJDREVGRw== QUJD!REVG QUJDR QUJDRE QUJDREV !QUJDREVG QQ== QUJDREVGQUJDREVG Q QU-_ QUJDR=V'.split(' ');
  const others = ['QUJD REVG', 'QUJD\r\nREVG', ' QUJDREVG', 'QUJDRA==QUJD', 'QUJDRA=QUJD', '=QUJD'];
  return [...[...texts, ...others].map((text) => `AUTH ${text}`), 'NONE', 'AUTH'];
}

function numbers(): (string | Uint8Array)[] {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  return [
    `\x00\x00\x00\x0a\x14\x1e\x28\x32${letters}`,
    `0012${letters.toUpperCase()}`,
    Uint8Array.from({ length: 64 }, (_, i) => i),
    `${'\xff'.repeat(16)}Z`,
    `\x08\x00\x00\x0012345678X${'Y'.repeat(9)}`,
    'LEN:4;abcdZ',
    'LEN:12;abcdefghijklZ',
  ];
}
