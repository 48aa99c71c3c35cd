// Addresses as text, in one form.

/** Without the zeros that RFC 5952 leaves out: Suricata 7 writes all of an IPv6 address. */
export function shortAddress(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
