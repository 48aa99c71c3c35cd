// Times as EVE JSON writes them.

/** A point in time: whole seconds since the Unix epoch, and nanoseconds within the second. */
export interface PacketTime {
  readonly sec: number;
  readonly nsec: number;
}

/** In UTC with microseconds: `2024-01-31T23:59:59.123456+0000`. */
export function eveTime(sec: number, nsec: number): string {
  const micros = String(Math.floor(nsec / 1000)).padStart(6, '0');
  return `${secondText(sec)}.${micros}+0000`;
}

/** Seconds whose text is kept: events come in the order of their packets, and tell of flows that began a while ago. */
const KEPT = 1024;
const seconds = new Float64Array(KEPT).fill(Number.NaN);
const texts: string[] = [];

function secondText(sec: number): string {
  const at = Math.abs(sec) % KEPT;
  if (seconds[at] !== sec) {
    seconds[at] = sec;
    texts[at] = new Date(sec * 1000).toISOString().slice(0, -5);
  }
  return texts[at]!;
}
