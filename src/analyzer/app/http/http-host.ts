// The host that a request is for, from its Host field or an absolute URI, and its port. Nearly all are plain names in lower
// case, which one look at each letter tells.

/** A host in lower case, and its port where one is written. */
export interface HttpHost {
  readonly name: string;
  readonly port: number | undefined;
  /** It may be the name of a host, or an address. */
  readonly isValid: boolean;
}

/** Reads `name`, `name:port` or `[address]:port`; undefined for nothing. */
export function readHost(text: string | undefined): HttpHost | undefined {
  if (text === undefined || text === '') return undefined;
  if (isPlainName(text)) return { name: text, port: undefined, isValid: true };
  const [, found, port] = /^\s*(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?/.exec(text) ?? [];
  if (found === undefined || found.trim() === '') return undefined;
  const name = found.trim().toLowerCase();
  return { name, port: port === undefined ? undefined : Number(port), isValid: HOST_NAME.test(name) };
}

/** The authority of an absolute URI (`http://name:port/…`), or of a request to connect. */
export function authorityOf(method: string, uri: string): string | undefined {
  if (uri.startsWith('/')) return undefined;
  if (method === 'CONNECT') return uri;
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(uri)?.[1];
}

const HOST_NAME = /^(?:\[[\da-f:.%]+\]|(?=.{1,255}$)[\w-]{1,63}(?:\.[\w-]{1,63})*\.?)$/;
const MAX_NAME = 255;
const MAX_LABEL = 63;
const DOT = 46;

/** Valid, in lower case, without a dot at its end. */
function isPlainName(text: string): boolean {
  if (text.length > MAX_NAME) return false;
  let label = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (label === 0) return false;
      label = 0;
    } else if (!isPlainLetter(code) || ++label > MAX_LABEL) return false;
  }
  return label > 0;
}

/** `a` to `z`, digits and `-`. */
function isPlainLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 45;
}
