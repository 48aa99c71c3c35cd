// The hello that clients once sent in the form of SSL 2 to begin a connection of any version (RFC 5246, appendix E.2): it is
// recognised and passed over.

const CLIENT_HELLO = 1;
const HEADER_BYTES = 11;
const LENGTHS = [5, 7, 9] as const;

/** A client's hello, of version 2 or 3.x, with lists as long as the record has room for. */
export function isSsl2ClientHello(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES || (bytes[0]! & 0x80) === 0 || bytes[2] !== CLIENT_HELLO) return false;
  const isKnown = (bytes[3] === 0 && bytes[4] === 2) || (bytes[3] === 3 && bytes[4]! <= 3);
  let lists = 0;
  for (const at of LENGTHS) lists += bytes[at]! * 256 + bytes[at + 1]!;
  return isKnown && recordBytes(bytes) === 9 + lists;
}

/** How long the hello is that a direction begins with; 0: it does not begin with one. */
export function ssl2HelloBytes(bytes: Uint8Array): number {
  return isSsl2ClientHello(bytes) ? 2 + recordBytes(bytes) : 0;
}

function recordBytes(bytes: Uint8Array): number {
  return (bytes[0]! & 0x7f) * 256 + bytes[1]!;
}
