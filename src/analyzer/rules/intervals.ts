// Sets of whole numbers as sorted, disjoint intervals, both ends included: what lists of addresses and ports come down to.

/** One run of numbers. */
export type Interval = readonly [first: bigint, last: bigint];

/** Sorted and disjoint. */
export type Intervals = readonly Interval[];

/** All numbers in any of the intervals, which may overlap and come in any order. */
export function union(intervals: Intervals): Intervals {
  const sorted = [...intervals].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const merged: [bigint, bigint][] = [];
  for (const [first, last] of sorted) {
    const before = merged.at(-1);
    if (before !== undefined && first <= before[1] + 1n) before[1] = last > before[1] ? last : before[1];
    else merged.push([first, last]);
  }
  return merged;
}

/** Whether any of the numbers is in any of the intervals. */
export function overlaps(intervals: Intervals, [first, last]: Interval): boolean {
  return intervals.some(([start, end]) => start <= last && end >= first);
}

/** The numbers of `from` that are not in `taken`; both sorted and disjoint. */
export function difference(from: Intervals, taken: Intervals): Intervals {
  return from.flatMap((whole) => {
    const pieces: Interval[] = [];
    let first = whole[0];
    for (const [start, end] of taken) {
      if (end < first || start > whole[1]) continue;
      if (start > first) pieces.push([first, start - 1n]);
      first = end + 1n;
    }
    if (first <= whole[1]) pieces.push([first, whole[1]]);
    return pieces;
  });
}
