// What a consumer knows of packets that never came to it, as the analyzer's statistics have it.

import type { CaptureLosses } from '../analyzer/eve/stats-record.js';
import type { Consumer } from '../consumer/consumer.js';

/** Losses by cause, so far. */
export function lossesOf(consumer: Consumer): CaptureLosses {
  const { source, missed } = consumer.counters();
  const { received, kernelDropped, interfaceDropped } = source;
  return { received, kernelDropped, interfaceDropped, missed };
}
