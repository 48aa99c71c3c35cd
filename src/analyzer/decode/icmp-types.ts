// Which ICMP (https://www.iana.org/assignments/icmp-parameters) and ICMPv6 types and codes there are, as far as Suricata
// knows them: what is not here is an event.

import type { DecoderEvent } from './events.js';

/** The largest code of each ICMP type. */
const LARGEST_CODE: Readonly<Record<number, number>> = {
  0: 0,
  3: 15,
  4: 0,
  5: 3,
  8: 0,
  9: 255,
  10: 255,
  11: 1,
  12: 2,
  13: 0,
  14: 0,
  15: 0,
  16: 0,
  17: 0,
  18: 0,
};

/** ICMPv6: errors, echo, multicast listeners, neighbours and what IANA has assigned beside them. */
const LAST_ERROR_V6 = 4;
const FIRST_INFORMATION_V6 = 128;
const LAST_INFORMATION_V6 = 161;

/** What is wrong with a message's type and code. */
export function icmpEvent(ipVersion: number, type: number, code: number): DecoderEvent | undefined {
  if (ipVersion === 6) return isKnownV6(type) ? undefined : 'icmpv6.unknown_type';
  const largest = LARGEST_CODE[type];
  if (largest === undefined) return 'icmpv4.unknown_type';
  return code > largest ? 'icmpv4.unknown_code' : undefined;
}

function isKnownV6(type: number): boolean {
  return (type >= 1 && type <= LAST_ERROR_V6) || (type >= FIRST_INFORMATION_V6 && type <= LAST_INFORMATION_V6);
}
