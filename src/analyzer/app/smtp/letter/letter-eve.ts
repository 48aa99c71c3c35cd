// A letter as Suricata's `email` object, and as the buffers that rules look into.

import { eveText } from '../../text.js';
import type { Letter } from './letter.js';
import { isProgramUrl } from './letter-urls.js';

/** The object; addresses and names are as the letter has them, encoded or not. */
export function emailObject(letter: Letter): Record<string, unknown> {
  const header = letter.whole?.header;
  const [from, subject] = [header?.get('from'), header?.get('subject')];
  const [to, cc] = [addresses(header?.get('to')), addresses(header?.get('cc'))];
  const names = letter.attachments.map(({ name }) => eveText(name));
  return {
    status: letter.status,
    ...(from && { from: eveText(from) }),
    ...(to.length > 0 && { to }),
    ...(cc.length > 0 && { cc }),
    ...(subject && { subject: eveText(subject) }),
    ...(names.length > 0 && { attachment: names }),
    ...urlFacts(letter.urls),
  };
}

function urlFacts(urls: readonly string[]): Record<string, unknown> {
  if (urls.length === 0) return {};
  return {
    has_ipv6_url: urls.some((url) => /^(?:\[|[0-9a-f]*:[0-9a-f:]*:)/.test(url)),
    has_ipv4_url: urls.some((url) => /^\d{1,3}(?:\.\d{1,3}){3}(?:[/:?#]|$)/.test(url)),
    has_exe_url: urls.some(isProgramUrl),
    url: urls.map(eveText),
  };
}

const ADDRESS = /(?:"(?:[^"\\]|\\.)*"?|[^",])+/g;

/** The parts between commas that are not quoted. */
function addresses(list = ''): string[] {
  const parts = (list.match(ADDRESS) ?? []).map((address) => eveText(address.trimStart()));
  return parts.filter((address) => address !== '');
}
