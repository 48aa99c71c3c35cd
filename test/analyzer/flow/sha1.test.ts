// The hash of Community IDs beside OpenSSL's.

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { DIGEST_WORDS, SCHEDULE_WORDS, sha1 } from '../../../src/analyzer/flow/sha1.js';

const MAX_BYTES = 55;
const MESSAGES_OF_A_LENGTH = 40;

/** Numbers that look random, the same in every run: each is a hash of its own. */
function bytesOf(length: number, number: number): Buffer {
  return createHash('sha512').update(`${length} ${number}`).digest().subarray(0, length);
}

function ours(message: Buffer): string {
  const schedule = new Int32Array(SCHEDULE_WORDS).fill(-1);
  const padded = Buffer.concat([message, Buffer.from([0x80]), Buffer.alloc(64)]);
  for (let i = 0; i < 16; i++) schedule[i] = padded.readInt32BE(4 * i);
  const digest = new Int32Array(DIGEST_WORDS);
  sha1(schedule, message.length, digest);
  return [...digest].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

it('is the same for messages of every length', () => {
  for (let length = 0; length <= MAX_BYTES; length++) {
    for (let number = 0; number < MESSAGES_OF_A_LENGTH; number++) {
      const message = bytesOf(length, number);
      expect(ours(message)).toBe(createHash('sha1').update(message).digest('hex'));
    }
  }
});
