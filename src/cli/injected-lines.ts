// What became of the packets that a replay put on a device, told at its end. What did not go out is never left unsaid.

import type { InjectedSource } from '../source/injected.js';
import { counted } from './text.js';

/** Packets that did not go out. */
export function unsent({ counters: { tooLong, failed, missed } }: InjectedSource): number {
  return tooLong + failed + missed;
}

/** Lines for the statistics at the end. */
export function injectedLines({ device, counters, lastError }: InjectedSource): string[] {
  const { injected, truncated, tooLong, failed, missed } = counters;
  return [
    `${counted(injected, 'packet')} put on ${device}`,
    ...(truncated > 0 ? [`${truncated} of them as short as they had been captured`] : []),
    ...(tooLong > 0 ? [`${counted(tooLong, 'packet')} not put on ${device}: longer than its MTU`] : []),
    ...(failed > 0 ? [`${counted(failed, 'packet')} not put on ${device}: ${lastError}`] : []),
    ...(missed > 0 ? [`${counted(missed, 'packet')} not put on ${device}: it took nothing for too long`] : []),
  ];
}
