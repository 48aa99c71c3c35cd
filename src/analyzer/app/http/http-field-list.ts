// All header fields of a message, as rules may ask for them, and as they are joined where they are repeated or folded.

/** One field; a character per byte. */
export interface HttpField {
  readonly name: string;
  value: string;
}

export class HttpFieldList {
  readonly fields: HttpField[] = [];
  readonly #byName = new Map<string, HttpField>();

  /** All lines, each with CRLF behind it. */
  addAll(lines: string): void {
    for (let start = 0; start < lines.length; ) {
      const end = lines.indexOf('\n', start);
      this.add(lines.slice(start, end - 1));
      start = end + 1;
    }
  }

  /** A line without its end. */
  add(line: string): void {
    if (isFolded(line.charCodeAt(0)) && this.fields.length > 0) this.#fold(line.trim());
    else this.#field(line);
  }

  /** A field's value, by its name in lower case. Repeated fields are one, with commas between, as RFC 9110 says. */
  get(name: string): string | undefined {
    return this.#byName.get(name)?.value;
  }

  /** A long value continues on the next line. */
  #fold(text: string): void {
    const last = this.fields.at(-1)!;
    last.value = `${last.value} ${text}`;
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trimEnd();
    const value = line.slice(colon + 1).trim();
    const key = name.toLowerCase();
    const known = this.#byName.get(key);
    if (known !== undefined) {
      known.value = `${known.value}, ${value}`;
      return;
    }
    const field = { name, value };
    this.fields.push(field);
    this.#byName.set(key, field);
  }
}

/** Whether a line that begins with this character continues the one before. */
export function isFolded(code: number): boolean {
  return code === 32 || code === 9;
}
