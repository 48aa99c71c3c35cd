// A look of `pkttap top` as people read it.

import { table } from './text.js';
import type { ConsumerRates, Rates, TopReport } from './top-report.js';

const UNITS = ['', 'k', 'M', 'G', 'T'];

/** Lines that stand beside the flows and talkers, without those of the consumers. */
export const FIXED_LINES = 11;

/** The report in lines, of printable characters only. */
export function linesOf(report: TopReport): string[] {
  const { time, tap, state, source, published, consumers } = report;
  return [
    `${time.slice(11, 19)}  tap ${tap}, ${state}, from ${source}`,
    `${rate(report.packetsPerSecond)} packets/s, ${rate(report.bitsPerSecond)}bit/s captured, ${published} packets so far`,
    `dropped by kernel ${loss(report.kernelDropped, report.kernelDroppedPerSecond)}, by interface ${loss(report.interfaceDropped, report.interfaceDroppedPerSecond)}`,
    '',
    ...rows([['CONSUMER', 'PID', 'POLICY', 'PACKETS/S', 'MISSED/S', 'MISSED', 'LAG'], ...consumers.map(consumerRow)]),
    '',
    ...rows([['FLOWS', '', 'PROTO', 'PACKETS/S', 'BIT/S'], ...flowRows(report)]),
    '',
    ...rows([['TALKERS', 'PACKETS/S', 'BIT/S'], ...report.talkers.map((each) => [each.address, ...rateCells(each)])]),
    ...(report.lookedAt < 0.995
      ? ['', `flows and talkers: scaled up from ${(100 * report.lookedAt).toFixed(1)} % of the packets`]
      : []),
  ].map(printable);
}

function flowRows({ flows, other }: TopReport): string[][] {
  const all = flows.map((each) => [each.client, each.server, each.protocol, ...rateCells(each)]);
  return other.packetsPerSecond === 0 ? all : [...all, ['other', '', '', ...rateCells(other)]];
}

function consumerRow(consumer: ConsumerRates): (string | number)[] {
  const { name, pid, policy, packetsPerSecond, missedPerSecond, missed, lag } = consumer;
  return [name, pid, policy, rate(packetsPerSecond), rate(missedPerSecond), missed, lag];
}

function rateCells({ packetsPerSecond, bitsPerSecond }: Rates): string[] {
  return [rate(packetsPerSecond), rate(bitsPerSecond)];
}

function rows(cells: (string | number)[][]): string[] {
  return table(cells).split('\n');
}

/** Three digits and a unit: `0`, `12.3k`, `845M`. */
function rate(value: number): string {
  let unit = 0;
  let scaled = value;
  for (; scaled >= 999.5 && unit < UNITS.length - 1; unit++) scaled /= 1000;
  return `${scaled === 0 ? '0' : scaled.toPrecision(3)}${UNITS[unit]}`;
}

function loss(total: number | undefined, perSecond: number | undefined): string {
  return total === undefined || perSecond === undefined ? 'unknown' : `${total} (${rate(perSecond)}/s)`;
}

/** Attack: the name of a savefile, or of a consumer, that is a sequence for the terminal. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, '?');
}
