// What a mistyped name of a device was meant to be.

/**
 * Names of devices that somebody who typed `name` may have meant: those that begin with it or that it begins with, and
 * those that differ in one letter. The nearest first, at most three.
 */
export function similarDevices(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  const distance = (other: string) => editDistance(wanted, other.toLowerCase());
  const isNear = (other: string) =>
    distance(other) <= 1 || other.toLowerCase().startsWith(wanted) || wanted.startsWith(other.toLowerCase());
  return names
    .filter(isNear)
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, 3);
}

/** Letters to insert, delete or replace to get from one to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
