// Has the processor fetch the headers of many records at once. Where a record lies is known only from the one before it, so
// that walking them waits for one cache miss after the other; several walks side by side wait for theirs together. Nothing
// that is read here is believed: a wrong length, of a record that was overwritten meanwhile, fetches the wrong lines.

import { MAX_CAPLEN, recordBytes } from '../packet/record.js';

/**
 * Behind a record's start lie the packet's own headers, on the next line of the cache: it is fetched together with the record's
 * header, instead of when somebody looks at it.
 */
export const HEADERS_END = 80;

/** Enough bits for any caplen. */
const CAPLEN_BITS = 2 * MAX_CAPLEN - 1;

/** Walks that go on side by side. */
export const FETCH_WALKS = 4;

/** What was fetched is put here, so that the compiler doesn't leave out what nobody needs. */
const fetched = new Int32Array(1);

/**
 * Fetches the headers from each of these records (byte offsets, ascending) to the next, and from the last to `end`. The offsets
 * are changed. `end` lies at least {@link HEADERS_END} bytes before the end of the words.
 */
export function fetchHeaders(words: Uint32Array, starts: Float64Array, end: number): void {
  let [a, b, c, d] = [starts[0]!, starts[1]!, starts[2]!, starts[3]!];
  const [endA, endB, endC] = [Math.min(b, end), Math.min(c, end), Math.min(d, end)];
  let sum = 0;
  while (a < endA || b < endB || c < endC || d < end) {
    if (a < endA) {
      sum ^= words[(a + HEADERS_END) >>> 2]!;
      a += recordBytes(words[a >>> 2]! & CAPLEN_BITS);
    }
    if (b < endB) {
      sum ^= words[(b + HEADERS_END) >>> 2]!;
      b += recordBytes(words[b >>> 2]! & CAPLEN_BITS);
    }
    if (c < endC) {
      sum ^= words[(c + HEADERS_END) >>> 2]!;
      c += recordBytes(words[c >>> 2]! & CAPLEN_BITS);
    }
    if (d < end) {
      sum ^= words[(d + HEADERS_END) >>> 2]!;
      d += recordBytes(words[d >>> 2]! & CAPLEN_BITS);
    }
  }
  fetched[0] = sum;
}
