// Parameters of a header field's value (RFC 2045, section 5.1), also those that are written in several pieces or in another
// character set (RFC 2231).

/** The value of a parameter, a character per byte; undefined: there is none. */
export function parameter(value: string, name: string): string | undefined {
  const parameters = allOf(value);
  const plain = parameters.get(name);
  if (plain !== undefined) return plain;
  const encoded = parameters.get(`${name}*`);
  return encoded === undefined ? joined(parameters, name) : decoded(withoutCharset(encoded));
}

const PARAMETER = /;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))/g;

/** Names in lower case. The first one of a name counts. */
function allOf(value: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, plain = ''] of value.matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    if (!parameters.has(key))
      parameters.set(key, quoted === undefined ? plain.trimEnd() : quoted.replace(/\\(.)/g, '$1'));
  }
  return parameters;
}

function joined(parameters: ReadonlyMap<string, string>, name: string): string | undefined {
  let text: string | undefined;
  for (let i = 0; ; i++) {
    const plain = parameters.get(`${name}*${i}`);
    const encoded = parameters.get(`${name}*${i}*`);
    if (plain === undefined && encoded === undefined) return text;
    text = (text ?? '') + (plain ?? decoded(i === 0 ? withoutCharset(encoded!) : encoded!));
  }
}

/** `utf-8'en'text`: the bytes are given as they are, in whatever character set. */
function withoutCharset(text: string): string {
  return text.replace(/^[^']*'[^']*'/, '');
}

function decoded(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
