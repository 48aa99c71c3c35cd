// Times as EVE JSON writes them.

/** A point in time: whole seconds since the Unix epoch, and nanoseconds within the second. */
export interface PacketTime {
  readonly sec: number;
  readonly nsec: number;
}

/** In UTC with microseconds: `2024-01-31T23:59:59.123456+0000`. */
export function eveTime(sec: number, nsec: number): string {
  const micros = String(Math.floor(nsec / 1000)).padStart(6, '0');
  return `${new Date(sec * 1000).toISOString().slice(0, -5)}.${micros}+0000`;
}
