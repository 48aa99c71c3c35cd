// Certificates of servers that don't exist (RFC 5280): right in form, so that their names and dates can be read; keys and
// signatures are any bytes.

import { makeRandom } from '../support/random.js';
import { noise, word } from './words.js';

const SERVERS = 200;
const Tag = { integer: 2, bits: 3, null: 5, oid: 6, text: 12, time: 23, sequence: 0x30, set: 0x31, version: 0xa0 };
const COMMON_NAME = [0x55, 4, 3];
const ORGANISATION = [0x55, 4, 10];
const RSA = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const SHA256_WITH_RSA = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];

const random = makeRandom(5280);

/** One for each server, in DER. */
export const certificates = Array.from({ length: SERVERS }, (_, i) => certificate(i));

/** @param {number} serial */
function certificate(serial) {
  const algorithm = sequence(item(Tag.oid, SHA256_WITH_RSA), item(Tag.null, []));
  const number = Buffer.from([1, serial >> 8, serial & 255]);
  const facts = sequence(
    item(Tag.version, item(Tag.integer, [2])),
    item(Tag.integer, number),
    algorithm,
    name([ORGANISATION, `${word(random)} ${word(random)}`], [COMMON_NAME, 'Bench Issuing CA']),
    sequence(item(Tag.time, Buffer.from('230101000000Z')), item(Tag.time, Buffer.from('330101000000Z'))),
    name([COMMON_NAME, `${word(random)}.${word(random)}.example`]),
    publicKey(),
  );
  return sequence(facts, algorithm, item(Tag.bits, [0, ...noise(random, 256)]));
}

function publicKey() {
  const modulus = item(Tag.integer, [0, 0x80 | random(128), ...noise(random, 254), 1]);
  const key = sequence(modulus, item(Tag.integer, [1, 0, 1]));
  return sequence(sequence(item(Tag.oid, RSA), item(Tag.null, [])), item(Tag.bits, [0, ...key]));
}

/** @param {[number[], string][]} parts */
function name(...parts) {
  const pairs = parts.map(([oid, text]) => sequence(item(Tag.oid, oid), item(Tag.text, Buffer.from(text))));
  return sequence(...pairs.map((pair) => item(Tag.set, pair)));
}

/** @param {Buffer[]} items */
function sequence(...items) {
  return item(Tag.sequence, Buffer.concat(items));
}

/** @param {number} tag @param {ArrayLike<number>} content */
function item(tag, content) {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), Buffer.from(content)]);
}
