// base64_decode and base64_data: contents of what the bytes are in Base64.

import { RuleProblem } from '../problem.js';
import { type Keywords, wholeNumber } from './keyword.js';

/** base64_decode and base64_data. */
export const BASE64: Keywords = {
  base64_decode: (draft, value) => {
    const options = new Map<string, string>();
    for (const option of (value ?? '').split(',')) {
      const [word = '', amount = ''] = option.trim().split(/\s+/);
      if (word !== '') options.set(word, amount);
    }
    const unknown = [...options.keys()].find((word) => !['bytes', 'offset', 'relative'].includes(word));
    if (unknown !== undefined) throw new RuleProblem(`base64_decode: ${unknown} is no option`);
    const amount = (word: string) => (options.has(word) ? wholeNumber(options.get(word), `base64_decode: ${word}`) : 0);
    const [bytes, offset] = [amount('bytes'), amount('offset')];
    draft.addStep({ kind: 'base64_decode', bytes, offset, relative: options.has('relative'), steps: [] });
  },
  base64_data: (draft) => draft.enterDecoded(),
};
