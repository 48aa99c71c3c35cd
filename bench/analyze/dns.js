// Questions and answers of DNS (RFC 1035): addresses mostly, some by way of another name, some of names that don't exist.

import { word } from './words.js';

const A = 1;
const CNAME = 5;
const AAAA = 28;
const RECURSION = 0x0100;
const ANSWER = 0x8180;
const NO_SUCH_NAME = 3;
/** A pointer to the question's name. */
const QUESTION_NAME = Buffer.from([0xc0, 12]);

/** @param {(below: number) => number} random @returns {import('./conversation.js').Message[]} */
export function dnsMessages(random) {
  const id = random(65_536);
  const type = random(4) === 0 ? AAAA : A;
  const question = Buffer.concat([name(random), words(type, 1)]);
  const records = random(10) === 0 ? [] : answers(type, random);
  const flags = ANSWER | (records.length === 0 ? NO_SUCH_NAME : 0);
  return [
    { from: 0, bytes: Buffer.concat([words(id, RECURSION, 1, 0, 0, 0), question]) },
    { from: 1, bytes: Buffer.concat([words(id, flags, 1, records.length, 0, 0), question, ...records]) },
  ];
}

/** @param {number} type @param {(below: number) => number} random */
function answers(type, random) {
  const bytes = type === A ? 4 : 16;
  const addresses = Array.from({ length: 1 + random(3) }, () =>
    record(type, Buffer.from(Array.from({ length: bytes }, () => random(256)))),
  );
  return random(4) === 0 ? [record(CNAME, name(random)), ...addresses] : addresses;
}

/** @param {number} type @param {Buffer} data */
function record(type, data) {
  return Buffer.concat([QUESTION_NAME, words(type, 1, 0, 300, data.length), data]);
}

/** @param {(below: number) => number} random */
function name(random) {
  const labels = [random(2) === 0 ? 'www' : word(random), word(random), ['com', 'net', 'org', 'example'][random(4)]];
  return Buffer.from([...labels.flatMap((label) => [label.length, ...Buffer.from(label)]), 0]);
}

/** @param {number[]} values of 16 bits each */
function words(...values) {
  return Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
}
