// When a replay's packets come, and which time they carry: the options, their defaults and ranges, normalised once for the
// native thread.

import type { NativeReplayOptions } from '../native/core.js';

/** How fast: as recorded times a factor, at a rate, or as fast as it goes. */
export type Pace =
  | { readonly kind: 'topspeed' }
  | { readonly kind: 'original'; readonly multiplier: number }
  | { readonly kind: 'pps'; readonly rate: number }
  | { readonly kind: 'mbps'; readonly rate: number };

/** The timing of a replay. The plan is kept from its beginning: a packet that comes late delays none behind it. */
export interface ReplayTiming {
  /** Default: as recorded. A rate in megabits counts the packets' origlen, as tcpreplay does. */
  readonly pace?: Pace;
  /** Longest gap between two packets, in milliseconds, whatever the pace says; 0 (default): no limit. */
  readonly maxSleepMs?: number;
  /** Time from the last packet of one loop to the first of the next, in milliseconds. Default 0. */
  readonly loopDelayMs?: number;
  /** Stop when it has run for this long, in milliseconds, pauses not counted; 0 (default): don't. At most 2^31 - 200. */
  readonly durationMs?: number;
  /**
   * original (default): as recorded. shift: the first packet is now and the others as far from it as recorded, whatever
   * the pace; across files and loops time goes on and never back. now: when the packet is published.
   */
  readonly timestamps?: 'original' | 'shift' | 'now';
}

/** The part of the native options that is about time. */
export type NativeTiming = Pick<
  NativeReplayOptions,
  'paceKind' | 'paceValue' | 'longestGapMs' | 'durationMs' | 'loopDelayMs' | 'timestamps'
>;

const PACES = { topspeed: 0, original: 1, pps: 2, mbps: 3 } as const;
const TIMESTAMPS = { original: 0, shift: 1, now: 2 } as const;

/** setTimeout can't wait longer. */
const LONGEST_DURATION_MS = 2 ** 31 - 200;

/** A year: so long that nobody means it, and that no sum of nanoseconds overflows. */
const LONGEST_GAP_MS = 365 * 86_400_000;

/** Throws RangeError for options out of range. */
export function normaliseTiming(options: ReplayTiming): NativeTiming {
  const { pace = { kind: 'original', multiplier: 1 }, timestamps = 'original' } = options;
  const { maxSleepMs = 0, loopDelayMs = 0, durationMs = 0 } = options;
  const value = paceValue(pace);
  if (value <= 0 || !Number.isFinite(value)) throw new RangeError(`pace must be greater than 0: ${pace.kind}=${value}`);
  check('maxSleepMs', maxSleepMs, LONGEST_GAP_MS);
  check('loopDelayMs', loopDelayMs, LONGEST_GAP_MS);
  check('durationMs', durationMs, LONGEST_DURATION_MS);
  return {
    paceKind: PACES[pace.kind],
    paceValue: pace.kind === 'mbps' ? value * 1e6 : value,
    longestGapMs: maxSleepMs,
    durationMs,
    loopDelayMs,
    timestamps: TIMESTAMPS[timestamps],
  };
}

function paceValue(pace: Pace): number {
  if (pace.kind === 'topspeed') return 1;
  return pace.kind === 'original' ? pace.multiplier : pace.rate;
}

function check(name: string, value: number, max: number): void {
  if (value >= 0 && value <= max) return;
  throw new RangeError(`${name} must be from 0 to ${max}: ${value}`);
}
