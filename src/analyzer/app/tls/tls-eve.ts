// A transaction as EVE JSON's `tls` object, with Suricata's extended fields.

import type { EveWriter } from '../../eve/eve-writer.js';
import { END_OF_TEXT, Fragment } from '../../eve/fragment.js';
import { Direction } from '../app-types.js';
import type { Fingerprint } from './fingerprints.js';
import type { TlsTransaction } from './tls-transaction.js';
import { tlsVersionText } from './tls-version.js';

const TLS = new Fragment('"tls":{');
const RESUMED = new Fragment('"session_resumed":true,');
const SNI = new Fragment('"sni":');
const VERSION = new Fragment('"version":"');
const JA3 = new Fragment('"ja3":{"hash":"');
const JA3S = new Fragment('"ja3s":{"hash":"');
const STRING = new Fragment('","string":"');
const END_OF_FINGERPRINT = new Fragment('"},');
const JA4 = new Fragment('"ja4":');
const FROM = new Fragment('"from_proto":"');
const CLIENT = new Fragment('"client":{');

export function writeTls(out: EveWriter, tx: TlsTransaction): void {
  const client = tx.certificate(Direction.toServer);
  const server = tx.certificate(Direction.toClient);
  out.put(TLS);
  if (server !== undefined) out.put(server.members);
  if (tx.isResumed) out.put(RESUMED);
  if (tx.sni !== undefined) writeText(out, SNI, tx.sni);
  out.put(VERSION);
  out.ascii(tlsVersionText(tx.version));
  out.put(END_OF_TEXT);
  writeFingerprints(out, tx);
  if (tx.fromProtocol !== undefined) {
    out.put(FROM);
    out.ascii(tx.fromProtocol);
    out.put(END_OF_TEXT);
  }
  if (client !== undefined) {
    out.put(CLIENT);
    out.put(client.members);
    out.closeObject();
    out.comma();
  }
  out.closeObject();
  out.comma();
}

function writeFingerprints(out: EveWriter, { fingerprints, ja3s }: TlsTransaction): void {
  if (fingerprints !== undefined) writeFingerprint(out, JA3, fingerprints.ja3);
  if (ja3s !== undefined) writeFingerprint(out, JA3S, ja3s);
  if (fingerprints !== undefined) writeText(out, JA4, fingerprints.ja4);
}

function writeFingerprint(out: EveWriter, key: Fragment, { hash, string }: Fingerprint): void {
  out.put(key);
  out.ascii(hash);
  out.put(STRING);
  out.ascii(string);
  out.put(END_OF_FINGERPRINT);
}

function writeText(out: EveWriter, key: Fragment, text: string): void {
  out.put(key);
  out.latin1(text);
  out.comma();
}
