// Keywords that name a buffer or ask something of one as a whole, and pcre, whose flags do so, too.

import { ALIASES, BUFFERS, isOfTransaction, MODIFIERS, PCRE_BUFFERS } from '../buffers.js';
import { contentBytes, unquote } from '../content-text.js';
import { type Draft, narrowTo, PAYLOAD } from '../draft.js';
import { parseNumberTest } from '../number-test.js';
import { translatePcre } from '../pcre.js';
import { RuleProblem } from '../problem.js';
import type { PcreStep } from '../steps.js';
import { makeTransform, pcreTransform, TRANSFORM_NAMES, xorTransform } from '../transforms.js';
import { bare, type Keyword, type Keywords, required } from './keyword.js';

const KNOWN_PCRE_FLAGS = 'imsxAEGRBO';

const enter = (draft: Draft, name: string) => {
  draft.enter(name);
  belongTo(draft, name);
};

/** All sticky buffers under all their names, the older modifiers, transforms, pkt_data, bsize, urilen, uricontent, pcre. */
export const BUFFER_KEYWORDS: Keywords = {
  ...each(Object.keys(BUFFERS), (name) => (draft) => enter(draft, name)),
  ...each(Object.keys(ALIASES), (name) => (draft) => enter(draft, ALIASES[name]!)),
  ...each(Object.keys(MODIFIERS), (name) => (draft) => {
    draft.moveLast(MODIFIERS[name]!, name);
    belongTo(draft, MODIFIERS[name]!);
  }),
  ...each(TRANSFORM_NAMES, (name) => (draft) => draft.addTransform(makeTransform(name))),
  xor: (draft, value, name) => draft.addTransform(xorTransform(bare(required(value, name)))),
  pcrexform: (draft, value, name) => draft.addTransform(pcreTransform(bare(required(value, name)))),
  uricontent: (draft, value, name) => {
    const { text, negated } = unquote(required(value, name));
    const bytes = contentBytes(text);
    draft.addStepIn('http.uri', {
      kind: 'content',
      bytes,
      nocase: false,
      negated,
      endswith: false,
      fastPattern: false,
    });
    belongTo(draft, 'http.uri');
  },
  pkt_data: (draft) => draft.enter(PAYLOAD),
  bsize: (draft, value, name) => draft.addStep({ kind: 'bsize', test: parseNumberTest(required(value, name)) }),
  urilen: (draft, value, name) => {
    const [size = '', way = 'raw'] = required(value, name)
      .split(',')
      .map((part) => part.trim());
    const buffer = way === 'norm' ? 'http.uri' : 'http.uri.raw';
    draft.addStepIn(buffer, { kind: 'bsize', test: parseNumberTest(size) });
    belongTo(draft, buffer);
  },
  pcre: addPcre,
};

function each(names: readonly string[], keyword: (name: string) => Keyword): Keywords {
  return Object.fromEntries(names.map((name) => [name, keyword(name)]));
}

function belongTo(draft: Draft, buffer: string): void {
  if (isOfTransaction(buffer)) narrowTo(draft, BUFFERS[buffer]!.protocols);
  else draft.needsPacket = true;
}

function addPcre(draft: Draft, value: string | undefined, name: string): void {
  const { text, negated } = unquote(required(value, name));
  const match = /^\/([\s\S]*)\/([A-Za-z]*)$/.exec(text);
  if (match === null) throw new RuleProblem('pcre: not of the form /expression/flags');
  const [, pattern = '', flags = ''] = match;
  const buffers = [...flags].filter((flag) => Object.hasOwn(PCRE_BUFFERS, flag)).map((flag) => PCRE_BUFFERS[flag]!);
  const unknown = [...flags].find((flag) => !KNOWN_PCRE_FLAGS.includes(flag) && !Object.hasOwn(PCRE_BUFFERS, flag));
  if (unknown !== undefined || buffers.length > 1) throw new RuleProblem(`pcre: flags ${flags}`);
  const step = pcreStep(pattern, flags, negated);
  if (buffers[0] === undefined) return draft.addStep(step);
  draft.addStepIn(buffers[0], step);
  belongTo(draft, buffers[0]);
}

function pcreStep(pattern: string, flags: string, negated: boolean): PcreStep {
  const has = (flag: string) => flags.includes(flag);
  const expression = translatePcre(pattern, {
    ignoreCase: has('i'),
    multiline: has('m'),
    dotAll: has('s'),
    extended: has('x'),
    anchored: has('A'),
    dollarEndOnly: has('E'),
    ungreedy: has('G'),
  });
  return { kind: 'pcre', expression, negated, relative: has('R') };
}
