// Single characters in JavaScript's spelling.

/** A letter in both cases, as a class; another character as itself. */
export function bothCases(char: string): string {
  return /[a-z]/i.test(char) ? `[${char.toLowerCase()}${char.toUpperCase()}]` : literal(char);
}

/** The character itself, never a sign of the language, within a class or outside. */
export function literal(char: string): string {
  return /[\^$\\.*+?()[\]{}|/-]/.test(char) ? `\\${char}` : char;
}
