// A Community ID as text: what the analyzer's hash is worth, whatever writes it into records.

import { communityDigest } from '../../src/analyzer/flow/community-id.js';
import type { FlowEnds } from '../../src/analyzer/flow/flow-key.js';
import { DIGEST_WORDS } from '../../src/analyzer/flow/sha1.js';

/** `seed`: default 0. */
export function communityId(flow: FlowEnds, seed = 0): string {
  const digest = new Int32Array(DIGEST_WORDS);
  communityDigest(flow, digest, seed);
  const bytes = Buffer.alloc(4 * DIGEST_WORDS);
  for (const [i, word] of digest.entries()) bytes.writeInt32BE(word, 4 * i);
  return `1:${bytes.toString('base64')}`;
}
