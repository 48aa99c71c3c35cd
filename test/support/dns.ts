// DNS messages made by hand.

const u16 = (value: number) => [value >> 8, value & 0xff];

/** A name's labels. */
export function dnsName(text: string): number[] {
  return [...text.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]), 0];
}

/** A pointer to the first question's name. */
export const POINTER = [0xc0, 12];

export interface DnsFields {
  /** Default: a question, with recursion desired. */
  readonly flags?: number;
  /** Names of questions; default: one for www.example.com. */
  readonly questions?: readonly number[][];
  readonly questionClass?: number;
  /** Whole records. */
  readonly answers?: readonly number[][];
  readonly authorities?: readonly number[][];
}

/** A message with the id 0x1234. */
export function dnsMessage(fields: DnsFields = {}): Uint8Array {
  const { flags = 0x0100, questions = [dnsName('www.example.com')], questionClass = 1 } = fields;
  const { answers = [], authorities = [] } = fields;
  const counts = [questions.length, answers.length, authorities.length, 0].flatMap(u16);
  const asked = questions.flatMap((question) => [...question, 0, 1, 0, questionClass]);
  const records = [...answers, ...authorities].flat();
  return Uint8Array.from([0x12, 0x34, ...u16(flags), ...counts, ...asked, ...records]);
}

/** A record with 60 s to live, of the first question's name unless told otherwise. */
export function dnsRecord(type: number, data: readonly number[], name: readonly number[] = POINTER): number[] {
  return [...name, ...u16(type), 0, 1, 0, 0, 0, 60, ...u16(data.length), ...data];
}
