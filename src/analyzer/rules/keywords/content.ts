// content and what stands behind it.

import { contentBytes, unquote } from '../content-text.js';
import type { Draft } from '../draft.js';
import { RuleProblem } from '../problem.js';
import { type Keywords, required } from './keyword.js';

/** content, its modifiers, and isdataat. */
export const CONTENT: Keywords = {
  content: (draft, value, name) => {
    const { text, negated } = unquote(required(value, name));
    draft.addStep({
      kind: 'content',
      bytes: contentBytes(text),
      nocase: false,
      negated,
      endswith: false,
      fastPattern: false,
    });
  },
  nocase: (draft, _, name) => {
    const content = draft.lastContent(name);
    content.nocase = true;
    content.bytes = content.bytes.map(lowerCase);
  },
  offset: (draft, value, name) => {
    draft.lastContent(name).offset = draft.amount(required(value, name));
  },
  depth: (draft, value, name) => {
    const content = draft.lastContent(name);
    content.depth = atLeast(draft.amount(required(value, name)), content.bytes.length, name);
  },
  distance: (draft, value, name) => {
    draft.lastContent(name).distance = draft.amount(required(value, name));
  },
  within: (draft, value, name) => {
    const content = draft.lastContent(name);
    content.within = atLeast(draft.amount(required(value, name)), content.bytes.length, name);
  },
  startswith: (draft, _, name) => {
    const content = draft.lastContent(name);
    content.offset = 0;
    content.depth = content.bytes.length;
  },
  endswith: (draft, _, name) => {
    draft.lastContent(name).endswith = true;
  },
  fast_pattern: (draft, _, name) => {
    const content = draft.lastContent(name);
    if (content.negated && isPlaced(content)) throw new RuleProblem('fast_pattern for a negated content with a place');
    content.fastPattern = true;
  },
  // Payloads are never decoded here: they are raw as it is.
  rawbytes: (draft, _, name) => void draft.lastContent(name),
  isdataat: addIsDataAt,
};

function addIsDataAt(draft: Draft, value: string | undefined, name: string): void {
  const [amount = '', ...options] = required(value, name)
    .split(',')
    .map((part) => part.trim());
  const unknown = options.find((option) => option !== 'relative' && option !== 'rawbytes');
  if (unknown !== undefined) throw new RuleProblem(`isdataat: ${unknown}`);
  draft.addStep({
    kind: 'isdataat',
    amount: draft.amount(amount.replace(/^!\s*/, '')),
    negated: amount.startsWith('!'),
    relative: options.includes('relative'),
  });
}

/** ASCII only, as in patterns. */
export function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

function atLeast(amount: number | string, length: number, name: string): number | string {
  if (typeof amount === 'number' && amount < length)
    throw new RuleProblem(`${name} ${amount} is less than the content's ${length} bytes`);
  return amount;
}

function isPlaced(content: object): boolean {
  return ['offset', 'depth', 'distance', 'within'].some((key) => key in content);
}
