// A request's URI as rules see it (`http.uri`): without scheme and host, what was escaped as it is meant, and the path's
// detours taken out. Suricata's notion of it, by its IDS personality.

/** The normalized URI; a character per byte. */
export function normalizedUri(uri: string): string {
  if (isNormal(uri)) return uri;
  const local = uri.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/, '');
  const question = local.indexOf('?');
  const path = question < 0 ? local : local.slice(0, question);
  const query = question < 0 ? '' : local.slice(question);
  return (
    withoutDots(
      unescaped(path)
        .replace(/\\/g, '/')
        .replace(/\/{2,}/g, '/'),
    ) + unescaped(query)
  );
}

const SLASH = 47;
const DOT = 46;
const BACKSLASH = 92;
const PERCENT = 37;
const QUESTION = 63;

/** Nothing in it is to be changed: a path without escapes, detours and the like. */
function isNormal(uri: string): boolean {
  let isPath = true;
  let before = 0;
  for (let i = 0; i < uri.length; i++) {
    const code = uri.charCodeAt(i);
    if (code === PERCENT) return false;
    if (code === QUESTION) isPath = false;
    if (isPath && (code === BACKSLASH || (before === SLASH && (code === SLASH || code === DOT)))) return false;
    before = code;
  }
  return uri.charCodeAt(0) === SLASH;
}

/** `%41` and `%u0041`; what is not so formed stays. */
function unescaped(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%(?:u00([0-9A-Fa-f]{2})|([0-9A-Fa-f]{2}))/gi, (_, wide, narrow) =>
    String.fromCharCode(Number.parseInt(wide ?? narrow, 16)),
  );
}

/** RFC 3986, section 5.2.4. */
function withoutDots(path: string): string {
  if (!path.includes('/.')) return path;
  const kept: string[] = [];
  for (const [i, part] of path.split('/').entries()) {
    if (part === '..') kept.length = Math.max(1, kept.length - 1);
    else if (part !== '.' || i === 0) kept.push(part);
  }
  if (/\/\.{1,2}$/.test(path)) kept.push('');
  return kept.join('/');
}
