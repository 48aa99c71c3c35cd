// Captures of the corpus that are rich in application layers, by protocol.

import { existsSync } from 'node:fs';
import { CORPUS_ROOT } from './corpus.js';

const ZEEK = `${CORPUS_ROOT}zeek+zeek/testing/btest/Traces/`;
const TCPDUMP = `${CORPUS_ROOT}the-tcpdump-group+tcpdump/tests/`;

const NAMES = [
  'dns/naptr',
  'dns/tkey',
  'dns/dns-binds',
  'dns-txt-multiple',
  'dns-two-responses',
  'http/pipelined-requests',
  'http/multipart',
  'http/get-gzip',
  'http/100-continue',
  'tls/chrome-34-google',
  'tls/tls13_psk_succesfull',
  'tls/client-certificate',
  'tls/ecdsa-cert',
  'tls/hrr',
  'ssh/single-conn',
  'ssh/ssh_kex_curve25519',
  'smtp',
  'smtp-multi-addr',
  'dhcp/dhcp',
  'quic/curl-8.1.2-dev-http3-www-google-de',
  'quic/quic-39264-rand',
  'quic/quic-decrypt-fail-google-de-51833',
  'quic/quic-multiple-initial-fragmented-crypto',
  'quic/quicv2-echo-443',
];
const TCPDUMP_NAMES = ['gquic', 'quic_handshake', 'quic_retry', 'quic_vn'];

/** Those of them that are there; `only`: of one protocol's folder or name. */
export function appFiles(only = ''): string[] {
  const from = (folder: string, names: readonly string[]) =>
    names.filter((name) => name.startsWith(only)).map((name) => `${folder}${name}.pcap`);
  return [...from(ZEEK, NAMES), ...from(TCPDUMP, TCPDUMP_NAMES)].filter((path) => existsSync(path));
}
