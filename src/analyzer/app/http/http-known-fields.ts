// The header fields that somebody here asks for, by number: they are recognised where they lie, without a string for the name
// of each field that comes by.

/** Numbers of the fields. */
export const Field = {
  accept: 0,
  acceptEncoding: 1,
  acceptLanguage: 2,
  authorization: 3,
  connection: 4,
  contentDisposition: 5,
  contentEncoding: 6,
  contentLength: 7,
  contentRange: 8,
  contentType: 9,
  cookie: 10,
  host: 11,
  location: 12,
  referer: 13,
  server: 14,
  setCookie: 15,
  transferEncoding: 16,
  userAgent: 17,
  forwardedFor: 18,
} as const;

/** Their names, by number. */
export const FIELD_NAMES = [
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'connection',
  'content-disposition',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'host',
  'location',
  'referer',
  'server',
  'set-cookie',
  'transfer-encoding',
  'user-agent',
  'x-forwarded-for',
] as const;

/** The number of the field whose name stands there, in letters of either case; -1: nobody asks for it. */
export function knownField(text: string, start: number, end: number): number {
  const numbers = BY_LENGTH[end - start];
  if (numbers === undefined) return -1;
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (isName(FIELD_NAMES[number]!, text, start)) return number;
  }
  return -1;
}

const BY_LENGTH: number[][] = [];
for (const [number, { length }] of FIELD_NAMES.entries()) {
  BY_LENGTH[length] ??= [];
  BY_LENGTH[length].push(number);
}

function isName(name: string, text: string, start: number): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = text.charCodeAt(start + i);
    if ((isCapital(code) ? code + 32 : code) !== name.charCodeAt(i)) return false;
  }
  return true;
}

function isCapital(code: number): boolean {
  return code >= 65 && code <= 90;
}
