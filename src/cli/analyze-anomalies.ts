// The value of analyze --anomalies.

import { InvalidArgumentError } from 'commander';
import { ANOMALY_TYPES, type AnomalyType } from '../analyzer/eve/anomaly-record.js';

/** `decode,stream`, or `none`. */
export function parseAnomalies(text: string): AnomalyType[] {
  if (text === 'none') return [];
  const wanted = text.split(',');
  const types = ANOMALY_TYPES.filter((type) => wanted.includes(type));
  if (types.length === wanted.length) return types;
  throw new InvalidArgumentError(`${ANOMALY_TYPES.join(',')} or some of these are expected, or none.`);
}
