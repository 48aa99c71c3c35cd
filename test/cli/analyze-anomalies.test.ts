import { describe, expect, it } from 'vitest';
import { parseAnomalies } from '../../src/cli/analyze-anomalies.js';

describe('the kinds of anomalies that analyze tells', () => {
  it('are those of the list, or none', () => {
    expect(parseAnomalies('stream,decode')).toEqual(['decode', 'stream']);
    expect(parseAnomalies('none')).toEqual([]);
  });

  it.each(['', 'streams', 'decode,', 'none,decode'])('are refused if they are something else: "%s"', (text) => {
    expect(() => parseAnomalies(text)).toThrow('decode,stream,applayer or some of these are expected, or none.');
  });
});
