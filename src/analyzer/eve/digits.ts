// Numbers as decimal digits, straight into bytes.

const ZERO = 0x30;
const MILLION = 1_000_000;

/** Room that a number needs at most, as JavaScript writes it. */
export const NUMBER_BYTES = 32;

/** Writes a number as JSON has it; where it ends. */
export function putNumber(bytes: Uint8Array, at: number, value: number): number {
  if (value >>> 0 === value) return putUint32(bytes, at, value);
  if (Number.isSafeInteger(value) && value > 0) {
    const high = Math.floor(value / MILLION);
    return putDigits(bytes, putNumber(bytes, at, high), value - high * MILLION, 6);
  }
  return putAscii(bytes, at, String(value));
}

/** Writes so many digits, with zeros in front; where they end. */
export function putDigits(bytes: Uint8Array, at: number, value: number, count: number): number {
  let rest = value >>> 0;
  for (let i = at + count - 1; i >= at; i--) {
    const tens = (rest / 10) >>> 0;
    bytes[i] = ZERO + rest - tens * 10;
    rest = tens;
  }
  return at + count;
}

/** Writes text whose characters are all below 128; where it ends. */
export function putAscii(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function putUint32(bytes: Uint8Array, at: number, value: number): number {
  return putDigits(bytes, at, value, digitsOf(value));
}

function digitsOf(value: number): number {
  if (value < 10_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 100_000_000) return value < MILLION ? (value < 100_000 ? 5 : 6) : value < 10_000_000 ? 7 : 8;
  return value < 1_000_000_000 ? 9 : 10;
}
