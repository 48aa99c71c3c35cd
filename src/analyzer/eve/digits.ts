// Numbers as decimal digits, straight into bytes: three digits at a time by table, stored as one word, of which the bytes
// beyond the last digit are written over by what follows.

const THOUSAND = 1000;
const MILLION = 1_000_000;
const BILLION = 1_000_000_000;
const ZERO = 0x30;

/** Room that a number needs at most, as JavaScript writes it, with what is written behind it. */
export const NUMBER_BYTES = 32;

/** By number below a thousand: its digits from the low byte up, and in the top byte how many. */
const SHORT = new Int32Array(THOUSAND);
/** The same with zeros in front: always three. */
const PADDED = new Int32Array(THOUSAND);

for (let number = 0; number < THOUSAND; number++) {
  const digits = String(number);
  SHORT[number] = wordOf(digits) | (digits.length << 24);
  PADDED[number] = wordOf(digits.padStart(3, '0'));
}

/** Writes a number as JSON has it; where it ends. */
export function putNumber(view: DataView, at: number, value: number): number {
  if (value >>> 0 === value) return putUint32(view, at, value);
  if (Number.isSafeInteger(value) && value > 0) {
    const high = Math.floor(value / BILLION);
    return putNineDigits(view, putUint32(view, at, high), value - high * BILLION);
  }
  return putAscii(view, at, String(value));
}

/** A number below a thousand; where it ends. */
export function putSmall(view: DataView, at: number, value: number): number {
  const word = SHORT[value]!;
  view.setInt32(at, word, true);
  return at + (word >>> 24);
}

/** A number below a million with six digits; where they end. */
export function putSixDigits(view: DataView, at: number, value: number): number {
  const thousands = (value / THOUSAND) >>> 0;
  view.setInt32(at, PADDED[thousands]!, true);
  view.setInt32(at + 3, PADDED[value - thousands * THOUSAND]!, true);
  return at + 6;
}

/** Writes text whose characters are all below 128; where it ends. */
export function putAscii(view: DataView, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
  return at + text.length;
}

function putUint32(view: DataView, at: number, value: number): number {
  if (value < THOUSAND) return putSmall(view, at, value);
  if (value < MILLION) return putThousands(view, at, value);
  const millions = (value / MILLION) >>> 0;
  const end = millions < THOUSAND ? putSmall(view, at, millions) : putThousands(view, at, millions);
  return putSixDigits(view, end, value - millions * MILLION);
}

/** A number from a thousand to below a million. */
function putThousands(view: DataView, at: number, value: number): number {
  const thousands = (value / THOUSAND) >>> 0;
  const end = putSmall(view, at, thousands);
  view.setInt32(end, PADDED[value - thousands * THOUSAND]!, true);
  return end + 3;
}

function putNineDigits(view: DataView, at: number, value: number): number {
  const millions = (value / MILLION) >>> 0;
  view.setInt32(at, PADDED[millions]!, true);
  return putSixDigits(view, at + 3, value - millions * MILLION);
}

function wordOf(digits: string): number {
  let word = 0;
  for (let i = 0; i < digits.length; i++) word |= (ZERO + Number(digits[i])) << (8 * i);
  return word;
}
