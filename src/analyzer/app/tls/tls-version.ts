// The names of TLS versions, as EVE JSON and rules have them.

export const TlsVersion = { ssl2: 0x0002, ssl3: 0x0300, tls10: 0x0301, tls12: 0x0303, tls13: 0x0304 } as const;

const NAMES: Readonly<Record<number, string>> = {
  0: 'UNDETERMINED',
  2: 'SSLv2',
  768: 'SSLv3',
  769: 'TLSv1',
  770: 'TLS 1.1',
  771: 'TLS 1.2',
  772: 'TLS 1.3',
};

const DRAFT = 0x7f00;
const FIRST_NUMBERED_DRAFT = 16;

export function tlsVersionText(version: number): string {
  const name = NAMES[version];
  if (name !== undefined) return name;
  if ((version & 0xff00) !== DRAFT) return `0x${version.toString(16).padStart(4, '0')}`;
  const draft = version & 0xff;
  return draft < FIRST_NUMBERED_DRAFT ? 'TLS 1.3 draft-<16' : `TLS 1.3 draft-${draft}`;
}

/** Whether certificates are encrypted: TLS 1.3, its drafts and experiments of that time. */
export function hidesCertificates(version: number): boolean {
  return version >= TlsVersion.tls13;
}

/** Whether the number is one of a version or of a draft, not one of those that clients send to keep servers tolerant. */
export function isTlsVersion(version: number): boolean {
  return NAMES[version] !== undefined || (version & 0xff00) === DRAFT;
}
