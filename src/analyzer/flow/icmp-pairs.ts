// Which ICMP messages answer which: the two belong to one flow. A type that has no counterpart stands alone, and its
// flow has one direction only. The pairs are those of the Community ID specification, version 1.

/** What {@link icmpCounterpart} gives for a type that is neither a question nor an answer. */
export const NO_COUNTERPART = -1;

const PAIRS_V4: readonly (readonly [number, number])[] = [
  [8, 0],
  [13, 14],
  [15, 16],
  [10, 9],
  [17, 18],
];

const PAIRS_V6: readonly (readonly [number, number])[] = [
  [128, 129],
  [133, 134],
  [135, 136],
  [130, 131],
  [139, 140],
  [144, 145],
];

const COUNTERPARTS_V4 = tableOf(PAIRS_V4);
const COUNTERPARTS_V6 = tableOf(PAIRS_V6);

/** The type that answers, or is answered by, this ICMP (IP version 4) or ICMPv6 (6) type; else NO_COUNTERPART. */
export function icmpCounterpart(ipVersion: number, type: number): number {
  return (ipVersion === 4 ? COUNTERPARTS_V4 : COUNTERPARTS_V6)[type] ?? NO_COUNTERPART;
}

function tableOf(pairs: readonly (readonly [number, number])[]): Int16Array {
  const table = new Int16Array(256).fill(NO_COUNTERPART);
  for (const [question, answer] of pairs) {
    table[question] = answer;
    table[answer] = question;
  }
  return table;
}
