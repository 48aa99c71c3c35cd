// Captures of the corpus that are rich in application layers, by protocol.

import { existsSync } from 'node:fs';
import { CORPUS_ROOT } from './corpus.js';

const TRACES = `${CORPUS_ROOT}zeek+zeek/testing/btest/Traces/`;

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
  'dhcp/dhcp',
];

/** Those of them that are there; `only`: of one protocol's folder or name. */
export function appFiles(only = ''): string[] {
  return NAMES.filter((name) => name.startsWith(only))
    .map((name) => `${TRACES}${name}.pcap`)
    .filter((path) => existsSync(path));
}
