// Types of DNS questions and records in EVE JSON.

import type { EveWriter } from '../../eve/eve-writer.js';
import { Fragment } from '../../eve/fragment.js';
import { dnsTypeText } from './dns-codes.js';

/** Types up to here are kept as text. */
const KEPT = 257;

const QUESTIONS = Array.from({ length: KEPT }, (_, type) => new Fragment(questionText(type)));
const RECORDS = Array.from({ length: KEPT }, (_, type) => new Fragment(recordText(type)));

/** A question's type, with commas around it. */
export function writeQuestionType(out: EveWriter, type: number): void {
  if (type < KEPT) out.put(QUESTIONS[type]!);
  else out.ascii(questionText(type));
}

/** A record's type, a comma in front, and all of its time to live but the number. */
export function writeRecordType(out: EveWriter, type: number): void {
  if (type < KEPT) out.put(RECORDS[type]!);
  else out.ascii(recordText(type));
}

function questionText(type: number): string {
  return `,"rrtype":"${dnsTypeText(type)}",`;
}

function recordText(type: number): string {
  return `${questionText(type)}"ttl":`;
}
