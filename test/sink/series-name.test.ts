// The names of a series of savefiles. That they are dumpcap's own is checked beside dumpcap, in test/e2e/attach-series.test.ts.

import { describe, expect, it } from 'vitest';
import { seriesName } from '../../src/sink/series-name.js';

const begun = new Date(2026, 0, 2, 3, 4, 5);

describe('the name of a file in a series', () => {
  it.each([
    ['x.pcapng', 1, 'x_00001_20260102030405.pcapng'],
    ['/var/cap/day.pcap', 12_345, '/var/cap/day_12345_20260102030405.pcap'],
    ['x.pcap.gz', 2, 'x_00002_20260102030405.pcap.gz'],
    ['x.pcapng.ZST', 2, 'x_00002_20260102030405.pcapng.ZST'],
    ['x.gz', 2, 'x_00002_20260102030405.gz'],
    ['cap.d/day', 3, 'cap.d/day_00003_20260102030405'],
    ['x.pcapng', 99_999, 'x_99999_20260102030405.pcapng'],
    ['x.pcapng', 100_000, 'x_00000_20260102030405.pcapng'],
  ])('is made of %s and number %i: %s', (target, number, name) => {
    expect(seriesName(target, number, begun)).toBe(name);
  });
});
