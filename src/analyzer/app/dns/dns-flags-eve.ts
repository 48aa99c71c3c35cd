// The header of a DNS response in EVE JSON. Nearly all responses have one of a few: those are kept as text.

import { Fragment } from '../../eve/fragment.js';
import { DnsFlag, opcodeOf } from './dns-message.js';

const KEPT = 64;
const NONE = -1;

const keptFlags = new Int32Array(KEPT).fill(NONE);
const kept: Fragment[] = [];

/** Everything from `flags` to `opcode`, a comma in front. */
export function flagsMember(flags: number): Fragment {
  const at = (flags ^ (flags >> 8)) % KEPT;
  if (keptFlags[at] !== flags) {
    keptFlags[at] = flags;
    kept[at] = new Fragment(flagsText(flags));
  }
  return kept[at]!;
}

function flagsText(flags: number): string {
  const set = Object.entries(DnsFlag).filter(([, bit]) => (flags & bit) !== 0);
  const bits = set.map(([name]) => `,"${name}":true`).join('');
  return `,"flags":"${flags.toString(16)}"${bits},"opcode":${opcodeOf(flags)}`;
}
