// Filters in libpcap's language (pcap-filter(7)) for packets that don't come from a device: replayed savefiles, consumers.

import { TapError } from '../errors.js';
import { isNativeFailure } from '../native/core.js';
import { loadPcap } from '../native/pcap.js';
import { MAX_CAPLEN } from '../packet/record.js';

/** What the packets are that a filter is for. */
export interface FilterTarget {
  /** LINKTYPE_* number. */
  readonly linktype: number;
  /** Largest caplen, in bytes, 1 to 262144. Default 262144. */
  readonly snaplen?: number;
}

/**
 * Compiles an expression to a program of `struct bpf_insn`, 8 bytes each, in the host's byte order. Throws
 * ERR_TAP_BAD_FILTER with libpcap's words, and ERR_TAP_NATIVE where the pcap module isn't built.
 */
export function compileFilter(expression: string, { linktype, snaplen = MAX_CAPLEN }: FilterTarget): Uint8Array {
  try {
    return loadPcap().compileFilter(expression, linktype, snaplen);
  } catch (cause) {
    throw explainFilter(expression, cause);
  }
}

/**
 * Link types of which each has words of its own in the language, and the most common first: Ethernet, Linux cooked, IP alone,
 * 802.11, PPP, the pf log, ATM, MTP2.
 */
const LINKTYPES = [1, 276, 101, 105, 9, 117, 123, 140];

/**
 * Throws as compileFilter does for an expression that is wrong whatever packets turn up: for whoever doesn't know their link
 * types yet. What is wrong for one of them alone is told when it turns up.
 */
export function checkFilter(expression: string): void {
  const compiles = (linktype: number) => {
    try {
      compileFilter(expression, { linktype });
      return true;
    } catch (error) {
      if (error instanceof TapError && error.code === 'ERR_TAP_BAD_FILTER') return false;
      throw error;
    }
  };
  if (!LINKTYPES.some(compiles)) compileFilter(expression, { linktype: LINKTYPES[0]! });
}

/** As compileFilter, on a thread of Node's pool. */
export async function compileFilterAsync(
  expression: string,
  { linktype, snaplen = MAX_CAPLEN }: FilterTarget,
): Promise<Uint8Array> {
  try {
    return await loadPcap().compileFilterAsync(expression, linktype, snaplen);
  } catch (cause) {
    throw explainFilter(expression, cause);
  }
}

function explainFilter(expression: string, cause: unknown): unknown {
  if (!isNativeFailure(cause)) return cause;
  return new TapError('ERR_TAP_BAD_FILTER', badFilterMessage(expression, cause.detail || cause.message), { cause });
}

/** The words for a filter that doesn't compile, the same wherever it was given. */
export function badFilterMessage(expression: string, detail: string): string {
  return `filter does not compile: ${detail}: filter=${JSON.stringify(expression)}`;
}
