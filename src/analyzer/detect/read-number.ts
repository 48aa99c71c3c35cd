// Numbers out of bytes, as byte_test and its like ask for them.

import type { ByteMathStep } from '../rules/steps.js';

/** The most that a number takes, as byte_test and its like allow. */
export const MAX_BINARY_BYTES = 8;
export const MAX_TEXT_BYTES = 23;

/** How and where the number stands. */
export interface NumberPlace {
  readonly at: number;
  /** Bytes, or digits. */
  readonly length: number;
  /** 0: binary; else the base of its digits. */
  readonly base: number;
  readonly littleEndian: boolean;
  /** 0: none. */
  readonly bitmask: number;
}

/** A number, and how many bytes it took. */
export interface ReadNumber {
  readonly value: number;
  readonly length: number;
}

/** undefined: it is not, or not wholly, within the bytes, or no number. */
export function readNumber(bytes: Uint8Array, place: NumberPlace): ReadNumber | undefined {
  // A length may be a variable out of the bytes: a packet must not make it a number beyond all numbers.
  const most = place.base === 0 ? MAX_BINARY_BYTES : MAX_TEXT_BYTES;
  if (place.at < 0 || !(place.length >= 1 && place.length <= most)) return undefined;
  if (place.at + place.length > bytes.length) return undefined;
  const found = place.base === 0 ? readBinary(bytes, place) : readText(bytes, place);
  if (found === undefined || place.bitmask === 0) return found;
  return { ...found, value: masked(found.value, place.bitmask) };
}

/** Beyond 2^53 a number loses its last bits, as no protocol's length or type does. */
function readBinary(bytes: Uint8Array, { at, length, littleEndian }: NumberPlace): ReadNumber {
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + bytes[at + (littleEndian ? length - 1 - i : i)]!;
  return { value, length };
}

function readText(bytes: Uint8Array, { at, length, base }: NumberPlace): ReadNumber | undefined {
  const text = String.fromCharCode(...bytes.subarray(at, at + length));
  const digits = (base === 16 ? /^\s*(?:0x)?[0-9a-f]+/i : base === 8 ? /^\s*[0-7]+/ : /^\s*\d+/).exec(text)?.[0];
  if (digits === undefined) return undefined;
  return { value: Number.parseInt(digits, base), length: digits.length };
}

/** What comes out, in 64 bits without a sign; undefined: it is divided by nothing. */
export function calculate(value: number, operator: ByteMathStep['operator'], other: number): number | undefined {
  const [left, right] = [BigInt(value), BigInt(other)];
  switch (operator) {
    case '+':
      return unsigned(left + right);
    case '-':
      return unsigned(left - right);
    case '*':
      return unsigned(left * right);
    case '/':
      return right === 0n ? undefined : unsigned(left / right);
    case '<<':
      return right < BITS ? unsigned(left << right) : 0;
    case '>>':
      return right < BITS ? unsigned(left >> right) : 0;
  }
}

const BITS = 64n;

function unsigned(value: bigint): number {
  return Number(BigInt.asUintN(Number(BITS), value));
}

/** The bits of the mask, moved right by its lowest bits that are 0. */
export function masked(value: number, mask: number): number {
  const bits = Number(BigInt(value) & BigInt(mask));
  return Math.floor(bits / lowestBit(mask));
}

function lowestBit(mask: number): number {
  let bit = 1;
  while (Math.floor(mask / bit) % 2 === 0) bit *= 2;
  return bit;
}
