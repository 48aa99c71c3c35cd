// An expression in JavaScript's spelling as a tree: what it takes to see whether it can run for ever. Groups that capture
// and those that don't are alike.

/** Which of the 256 bytes an atom matches. */
export type ByteSet = readonly boolean[];

/** A piece with its quantifier. */
export interface Item {
  readonly node: Node;
  readonly min: number;
  readonly max: number;
}

/** One after the other. */
export type Sequence = readonly Item[];

/** `look`: looks around, and matches nothing itself. `reference`: what a group matched. */
export type Node =
  | { readonly kind: 'atom'; readonly set: ByteSet }
  | { readonly kind: 'group'; readonly alternatives: readonly Sequence[] }
  | { readonly kind: 'look'; readonly alternatives: readonly Sequence[] }
  | { readonly kind: 'reference' };

const BYTES = 256;
const OPENING = /^\((?:\?(?::|=|!|<=|<!|<\w+>))?/;
const ATOM = /^(?:\[(?:\\.|[^\]\\])*\]|\\x[0-9a-f]{2}|\\.|.)/is;

/** Parses the source of an expression that compiles. */
export function parseExpression(source: string): readonly Sequence[] {
  return new Parser(source).alternatives();
}

class Parser {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Up to the end, or to the parenthesis that closes the group. */
  alternatives(): Sequence[] {
    const all: Item[][] = [[]];
    while (this.#at < this.#source.length && this.#source[this.#at] !== ')') {
      if (this.#take(/^\|/) !== undefined) all.push([]);
      else if (this.#take(/^(?:\^|\$|\\[bB])/) === undefined) all.at(-1)!.push(this.#item());
    }
    return all;
  }

  #item(): Item {
    const node = this.#node();
    const quantifier = this.#take(/^(?:[*+?]|\{\d+(?:,\d*)?\})\??/);
    return { node, ...boundsOf(quantifier) };
  }

  #node(): Node {
    const opening = this.#take(OPENING);
    if (opening !== undefined) {
      const alternatives = this.alternatives();
      this.#at++;
      return { kind: /^\(\?<?[=!]/.test(opening) ? 'look' : 'group', alternatives };
    }
    if (this.#take(/^\\(?:k<\w+>|[1-9]\d*)/) !== undefined) return { kind: 'reference' };
    return { kind: 'atom', set: bytesOf(this.#take(ATOM)!) };
  }

  #take(expression: RegExp): string | undefined {
    const found = expression.exec(this.#source.slice(this.#at))?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}

function boundsOf(quantifier: string | undefined): { readonly min: number; readonly max: number } {
  if (quantifier === undefined) return { min: 1, max: 1 };
  if (quantifier.startsWith('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
  if (quantifier.startsWith('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
  if (quantifier.startsWith('?')) return { min: 0, max: 1 };
  const [, min = '', comma, max = ''] = /^\{(\d+)(,?)(\d*)\}/.exec(quantifier) ?? [];
  if (comma === '') return { min: Number(min), max: Number(min) };
  return { min: Number(min), max: max === '' ? Number.POSITIVE_INFINITY : Number(max) };
}

function bytesOf(atom: string): ByteSet {
  const expression = new RegExp(`^${atom}$`);
  return Array.from({ length: BYTES }, (_, byte) => expression.test(String.fromCharCode(byte)));
}
