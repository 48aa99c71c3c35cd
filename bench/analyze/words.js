// Made-up words, the same in every run: names, paths, texts and the contents of rules are put together from them, so that
// rules begin to match often, and match at last seldom, as they do in real traffic.

import { makeRandom } from '../support/random.js';

const BEGINNINGS = [
  'b',
  'c',
  'ch',
  'd',
  'f',
  'g',
  'h',
  'k',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  'st',
  't',
  'th',
  'tr',
  'v',
  'w',
];
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'ea', 'ou'];
const ENDINGS = ['', '', 'n', 'r', 's', 't', 'nd', 'ng', 'l'];
const WORDS = 3000;

const random = makeRandom(2718);

/** All of them, of two to eighteen letters. */
export const VOCABULARY = Array.from({ length: WORDS }, () => Array.from({ length: 2 + random(2) }, syllable).join(''));

function syllable() {
  return [BEGINNINGS, VOWELS, ENDINGS].map((letters) => letters[random(letters.length)]).join('');
}

/** @param {(below: number) => number} random */
export function word(random) {
  return VOCABULARY[random(VOCABULARY.length)];
}

/**
 * Text of exactly so many bytes.
 *
 * @param {(below: number) => number} random
 * @param {number} bytes
 */
export function text(random, bytes) {
  const from = random(LONG_TEXT.length - bytes);
  return LONG_TEXT.subarray(from, from + bytes);
}

/**
 * Bytes as encrypted ones are: any.
 *
 * @param {(below: number) => number} random
 * @param {number} bytes
 */
export function noise(random, bytes) {
  const from = random(LONG_NOISE.length - bytes);
  return LONG_NOISE.subarray(from, from + bytes);
}

const LONG_TEXT = Buffer.from(Array.from({ length: 200_000 }, () => word(random)).join(' '));
const LONG_NOISE = Buffer.from(Array.from({ length: 1 << 20 }, () => random(256)));
