// The versions of QUIC whose first packets can be read, and what differs between them: how packet types are numbered, and
// from which salt and labels the keys of Initial packets are made (RFC 9001, section 5.2; RFC 9369, section 3.3; the
// drafts of both). Google's own QUIC before it took that over has no such keys: its first packets are in clear.

export const VERSION_NEGOTIATION = 0;
const VERSION_1 = 1;
const VERSION_2 = 0x6b3343cf;
const DRAFTS = 0xff000000;
const FIRST_DRAFT = 22;
const LAST_DRAFT = 34;
/** Facebook's names for drafts 22 and 27. */
const MVFST_22 = 0xfaceb001;
const MVFST_27 = 0xfaceb002;

/** What the keys of a version's Initial packets are made from. */
export interface InitialSecrets {
  readonly salt: Uint8Array;
  /** What stands before `key`, `iv` and `hp` in the labels. */
  readonly labelPrefix: string;
}

/** By the last draft that used it. */
const DRAFT_SALTS: readonly (readonly [lastDraft: number, salt: Uint8Array])[] = [
  [22, Buffer.from('7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a', 'hex')],
  [28, Buffer.from('c3eef712c72ebb5a11a7d2432bb46365bef9f502', 'hex')],
  [32, Buffer.from('afbfec289993d24c9e9786f19c6111e04390a899', 'hex')],
  [LAST_DRAFT, Buffer.from('38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'hex')],
];
const SALT_2 = Buffer.from('0dede3def700a6db819381be6e269dcbf9bd2ed9', 'hex');

/** Undefined: packets of the version can't be decrypted. */
export function initialSecrets(version: number): InitialSecrets | undefined {
  if (version === VERSION_2) return { salt: SALT_2, labelPrefix: 'quicv2 ' };
  const draft = draftOf(version);
  const salt = draft === undefined ? undefined : DRAFT_SALTS.find(([last]) => draft <= last)?.[1];
  return salt && { salt, labelPrefix: 'quic ' };
}

/** Version 1 is what the last draft became. */
function draftOf(version: number): number | undefined {
  if (version === VERSION_1) return LAST_DRAFT;
  if (version === MVFST_22) return 22;
  if (version === MVFST_27) return 27;
  const draft = version - DRAFTS;
  return draft >= FIRST_DRAFT && draft <= LAST_DRAFT ? draft : undefined;
}

const GOOGLE = 0x51303000;
const FIRST_GOOGLE = 39;
const LAST_GOOGLE = 46;

/** The number behind `Q0` of Google's QUIC, 39 to 46; undefined for any other version. */
export function googleVersion(version: number): number | undefined {
  if (version >>> 16 !== GOOGLE >>> 16) return undefined;
  const tens = ((version >>> 8) & 0xff) - 0x30;
  const units = (version & 0xff) - 0x30;
  const number = 10 * tens + units;
  return units >= 0 && units <= 9 && number >= FIRST_GOOGLE && number <= LAST_GOOGLE ? number : undefined;
}

/** A version that nobody speaks, to make the other side negotiate (RFC 9000, section 15): `?a?a?a?a`. */
export function isReservedVersion(version: number): boolean {
  return (version & 0x0f0f0f0f) >>> 0 === 0x0a0a0a0a;
}

/** Whether this version's packets are taken for QUIC. Asked of many datagrams that are something else: it makes nothing. */
export function isKnownVersion(version: number): boolean {
  if (version === VERSION_2 || isReservedVersion(version)) return true;
  return draftOf(version) !== undefined || googleVersion(version) !== undefined;
}

/** Version 2 numbers its packet types from one on, and begins anew behind them. */
export function typeShift(version: number): number {
  return version === VERSION_2 ? 1 : 0;
}

/** As Suricata writes it: `1`, `v2`, `Q046`, else in hexadecimal. */
export function quicVersionText(version: number): string {
  if (version === VERSION_2) return 'v2';
  const google = googleVersion(version);
  return google === undefined ? version.toString(16) : `Q0${google}`;
}
