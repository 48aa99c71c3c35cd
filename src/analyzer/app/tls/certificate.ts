// What events and rules tell of a certificate. OpenSSL reads it, by way of Node; as networks show the same certificates
// over and over, the newest are remembered, and what events say of them.

import { createHash, X509Certificate } from 'node:crypto';
import { Fragment } from '../../eve/fragment.js';
import { Remembered } from '../remembered.js';
import { hexText, latin1 } from '../text.js';

/** A certificate in words, as EVE JSON writes them. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuerdn: string;
  /** Hexadecimal, colons between bytes. */
  readonly serial: string;
  /** SHA-1 of the certificate, likewise. */
  readonly fingerprint: string;
  /** Without a time zone: it is UTC. */
  readonly notbefore: string;
  readonly notafter: string;
  /** All of these as members of a record. */
  readonly members: Fragment;
}

/** What is longer is read each time. */
const MAX_BYTES = 4096;
/** The last bytes of a certificate are its signature's, and unlike any other's. */
const TELLING_BYTES = 16;

interface KnownCertificate {
  readonly der: Uint8Array;
  readonly facts: CertificateFacts | undefined;
}

/** By the bytes that tell most; of two that share them, which somebody would have to forge, the later one. */
const remembered = new Remembered<KnownCertificate>();

/** The facts of a certificate in DER; undefined: OpenSSL can't read it. */
export function certificateFacts(der: Uint8Array): CertificateFacts | undefined {
  const telling = latin1(der, Math.max(0, der.length - TELLING_BYTES));
  const known = remembered.get(telling);
  if (known !== undefined && Buffer.compare(known.der, der) === 0) return known.facts;
  const facts = read(der);
  if (der.length <= MAX_BYTES) remembered.set(telling, { der: der.slice(), facts });
  return facts;
}

function read(der: Uint8Array): CertificateFacts | undefined {
  try {
    const certificate = new X509Certificate(der);
    const facts = {
      subject: nameText(certificate.subject),
      issuerdn: nameText(certificate.issuer),
      serial: serialText(certificate.serialNumber),
      fingerprint: hexText(createHash('sha1').update(der).digest(), ':'),
      notbefore: timeText(certificate.validFrom),
      notafter: timeText(certificate.validTo),
    };
    return { ...facts, members: new Fragment(`${JSON.stringify(facts).slice(1, -1)},`) };
  } catch {
    return undefined;
  }
}

/** Suricata's names of attributes, where they are not OpenSSL's. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  emailAddress: 'Email',
  street: 'streetAddress',
  jurisdictionC: 'msJurisdictionCountry',
  jurisdictionST: 'msJurisdictionStateOrProvince',
  jurisdictionL: 'msJurisdictionLocality',
};

/** One attribute a line becomes one after another; what was escaped is as it was. */
function nameText(name: string | undefined): string {
  const lines = (name ?? '').split('\n').map((line) => {
    const at = line.indexOf('=');
    const attribute = line.slice(0, at);
    return `${ATTRIBUTES[attribute] ?? attribute}=${unescaped(line.slice(at + 1))}`;
  });
  return name ? lines.join(', ') : '';
}

function unescaped(value: string): string {
  return value.replace(/\\(.)/g, '$1');
}

/** As it is encoded: a number whose first bit is set has a zero byte before it. */
function serialText(digits: string): string {
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const encoded = Number.parseInt(even[0] ?? '0', 16) >= 8 ? `00${even}` : even;
  return encoded.replace(/..(?!$)/g, '$&:');
}

function timeText(time: string): string {
  return new Date(time).toISOString().slice(0, 19);
}
