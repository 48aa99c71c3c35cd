import { describe, expect, it } from 'vitest';
import { type AnalyzerSummary, renderSummary } from '../../src/analyzer/summary.js';

const SUMMARY: AnalyzerSummary = {
  packets: 12_345,
  bytes: 1_000_000,
  truncated: 0,
  fragments: 7,
  first: { sec: 1_700_000_000, nsec: 5_000 },
  last: { sec: 1_700_000_060, nsec: 0 },
  protocols: { IPv4: 12_000, ARP: 345 },
  applications: { dns: 1, quic: 2 },
  malformed: {},
  flows: { total: 3, active: 0, forced: 0 },
  alerts: [],
  forgotten: 0,
  talkers: [
    { address: '10.0.0.1', packets: 1000, bytes: 900_000 },
    { address: '2001:db8::1', packets: 9, bytes: 1 },
  ],
  talkersExact: false,
};

describe('the summary on a terminal', () => {
  it('says what rules have lost for lack of room', () => {
    expect(renderSummary({ ...SUMMARY, forgotten: 5 })).toMatch(
      /^thresholds and xbits forgotten for lack of room +5$/m,
    );
  });

  it('stands in columns, without what did not occur', () => {
    expect(renderSummary(SUMMARY).split('\n')).toEqual([
      'packets                                12,345',
      'bytes                               1,000,000',
      'flows                                       3',
      'fragments                                   7',
      'first packet  2023-11-14T22:13:20.000005+0000',
      'last packet   2023-11-14T22:14:20.000000+0000',
      '',
      'protocols',
      '  IPv4  12,000 packets  97.2 %',
      '  ARP      345 packets   2.8 %',
      '',
      'application protocols',
      '  quic  2 flows  66.7 %',
      '  dns   1 flows  33.3 %',
      '',
      'top talkers (at least)',
      '  10.0.0.1     1,000 packets  900,000 bytes',
      '  2001:db8::1      9 packets        1 bytes',
    ]);
  });

  it('tells of flows that ended for lack of room, of truncated and of malformed packets', () => {
    const text = renderSummary({
      ...SUMMARY,
      truncated: 5,
      malformed: { length: 2 },
      flows: { total: 3, active: 0, forced: 1 },
    });
    expect(text).toContain('flows ended for lack of room');
    expect(text).toMatch(/^truncated +5$/m);
    expect(text).toMatch(/^malformed\n {2}length {2}2 packets {2}0\.0 %$/m);
  });
});
