// A single word that is no filter was perhaps meant to name something. That there is nothing of that name is worth telling.

import { TapError } from '../errors.js';

/** The same error, if it is about a filter of one word, with what else that word doesn't name. */
export function withOtherMeaning(error: unknown, filter: string, what: 'file' | 'device'): unknown {
  if (!(error instanceof TapError) || error.code !== 'ERR_TAP_BAD_FILTER' || !/^\S+$/.test(filter)) return error;
  return new TapError(error.code, `${error.message}; nor is there a ${what} of this name`, { cause: error });
}
