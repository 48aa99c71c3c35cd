// Older keywords about files that a transaction carries: their names and sizes.

import { BUFFERS } from '../buffers.js';
import { contentBytes, unquote } from '../content-text.js';
import { narrowTo } from '../draft.js';
import { parseNumberTest } from '../number-test.js';
import { lowerCase } from './content.js';
import { type Keyword, type Keywords, required } from './keyword.js';

/** filename, fileext and filesize. */
export const FILES: Keywords = {
  filename: inName(false),
  fileext: inName(true),
  filesize: (draft, value, name) => {
    draft.numbers.push({ name, test: parseNumberTest(required(value, name)) });
    narrowTo(draft, BUFFERS['file.name']!.protocols);
  },
};

/** Letters of either case are the same. */
function inName(endswith: boolean): Keyword {
  return (draft, value, name) => {
    const { text, negated } = unquote(required(value, name));
    const bytes = contentBytes(text).map(lowerCase);
    draft.addStepIn('file.name', { kind: 'content', bytes, nocase: true, negated, endswith, fastPattern: false });
    narrowTo(draft, BUFFERS['file.name']!.protocols);
  };
}
