// The host that a request is for, from its Host field or an absolute URI, and its port.

/** A host in lower case, and its port where one is written. */
export interface HttpHost {
  readonly name: string;
  readonly port: number | undefined;
}

/** Reads `name`, `name:port` or `[address]:port`; undefined for nothing. */
export function readHost(text: string | undefined): HttpHost | undefined {
  const [, name, port] = /^\s*(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?/.exec(text ?? '') ?? [];
  if (name === undefined || name.trim() === '') return undefined;
  return { name: name.trim().toLowerCase(), port: port === undefined ? undefined : Number(port) };
}

/** The authority of an absolute URI (`http://name:port/…`), or of a request to connect. */
export function authorityOf(method: string, uri: string): string | undefined {
  if (method === 'CONNECT' && !uri.startsWith('/')) return uri;
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(uri)?.[1];
}
