// The keys of what rules remember of addresses: two addresses, and three words that say what it is.

import type { PacketFacts } from '../rules/packet-facts.js';
import { KEY_WORDS } from './address-table.js';

const ADDRESS_WORDS = 4;
const ABOUT = 2 * ADDRESS_WORDS;
/** A key's last word must not be 0. */
const USED = 0x8000_0000;

/** Which of a packet's addresses a key has: one of them stands in the first place; `either` is the same both ways. */
export type KeyAddresses = 'none' | 'source' | 'dest' | 'either';

/** Whether the first place is taken, and the second. */
const PARTS: Readonly<Record<KeyAddresses, readonly [boolean, boolean]>> = {
  none: [false, false],
  source: [true, false],
  dest: [true, false],
  either: [true, true],
};

/** A key that is filled again and again. */
export class TableKey {
  readonly words = new Uint32Array(KEY_WORDS);

  /** `about` and `kind`, of 16 bits, say what is remembered. */
  fill(packet: PacketFacts, which: KeyAddresses, about: readonly [number, number], kind: number): Uint32Array {
    const { words } = this;
    const swapped = which === 'dest' || (which === 'either' && isGreater(packet));
    const [first, second] = PARTS[which];
    for (let i = 0; i < ADDRESS_WORDS; i++) {
      words[i] = !first ? 0 : swapped ? packet.dstWord(i) : packet.srcWord(i);
      words[ADDRESS_WORDS + i] = !second ? 0 : swapped ? packet.srcWord(i) : packet.dstWord(i);
    }
    words.set(about, ABOUT);
    words[ABOUT + about.length] = USED | (kind << 8) | packet.ipVersion;
    return words;
  }
}

/** Whether the source is the greater address. */
function isGreater(packet: PacketFacts): boolean {
  for (let i = 0; i < ADDRESS_WORDS; i++) {
    const difference = packet.srcWord(i) - packet.dstWord(i);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
