// What events and rules tell of a certificate. OpenSSL reads it, by way of Node; as networks show the same certificates
// over and over, the newest are remembered by their fingerprint.

import { createHash, X509Certificate } from 'node:crypto';
import { hexText } from '../text.js';

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
}

const MAX_REMEMBERED = 1024;
const remembered = new Map<string, CertificateFacts | undefined>();

/** The facts of a certificate in DER; undefined: OpenSSL can't read it. */
export function certificateFacts(der: Uint8Array): CertificateFacts | undefined {
  const fingerprint = hexText(createHash('sha1').update(der).digest(), ':');
  if (!remembered.has(fingerprint)) {
    if (remembered.size >= MAX_REMEMBERED) remembered.delete(remembered.keys().next().value!);
    remembered.set(fingerprint, read(der, fingerprint));
  }
  return remembered.get(fingerprint);
}

function read(der: Uint8Array, fingerprint: string): CertificateFacts | undefined {
  try {
    const certificate = new X509Certificate(der);
    return {
      subject: nameText(certificate.subject),
      issuerdn: nameText(certificate.issuer),
      serial: serialText(certificate.serialNumber),
      fingerprint,
      notbefore: timeText(certificate.validFrom),
      notafter: timeText(certificate.validTo),
    };
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
