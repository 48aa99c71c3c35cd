// Addresses as keys of maps.

/** Equal for equal addresses. `word`: see PacketFacts. */
export function addressKey(ipVersion: number, word: (index: number) => number): string {
  const first = word(0).toString(36);
  return ipVersion === 4 ? first : `${first}.${word(1).toString(36)}.${word(2).toString(36)}.${word(3).toString(36)}`;
}
