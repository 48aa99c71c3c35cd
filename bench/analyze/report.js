// The report of the analyzer's bench, as text.

import { align } from '../support/table.js';

/** @param {import('../analyze.js').AnalyzeReport} report */
export function formatAnalyze({ machine, rounds, cells, starts }) {
  const { cores, cpu, memoryGiB, load, kernel, node } = machine;
  const head = `${cores} cores, ${cpu}, ${memoryGiB} GiB, load before the run ${load.toFixed(2)}\nLinux ${kernel}, Node ${node}\n`;
  const rates = `Millions of packets a second, median of ${rounds} rounds\n${formatCells(cells)}`;
  return `${head}\n${rates}\nUntil packets are taken, and the most memory until then\n${formatStarts(starts)}`;
}

/** @param {import('./cell.js').Cell[]} cells */
function formatCells(cells) {
  const columns = [
    '',
    'rules',
    'analyzer alone',
    'one worker',
    'two workers',
    'Suricata',
    'CPU us/packet alone',
    'Suricata',
    'alerts',
    "Suricata's",
  ];
  const rows = cells.map(({ capture, rules, packetsPerSecond, cpuPerPacket, alerts }) => [
    capture,
    String(rules),
    ...['alone', 'worker', 'workers', 'suricata'].map((peer) => millions(packetsPerSecond[peer])),
    ...['alone', 'suricata'].map((peer) =>
      cpuPerPacket[peer] === undefined ? '' : (cpuPerPacket[peer] * 1e6).toFixed(2),
    ),
    ...[alerts.worker, alerts.suricata].map((count) => (count === undefined ? '' : String(count))),
  ]);
  return align([columns, ...rows]);
}

/** @param {number | undefined} rate */
function millions(rate) {
  return rate === undefined ? '' : (rate / 1e6).toFixed(3);
}

/** @param {import('../analyze.js').Start[]} starts */
function formatStarts(starts) {
  const columns = ['rules', 'pkttap s', 'MiB', 'Suricata s', 'MiB'];
  const rows = starts.map(({ rules, peers: { pkttap, suricata } }) => [
    String(rules),
    ...[pkttap, suricata].flatMap((start) =>
      start === undefined ? ['', ''] : [start.seconds.toFixed(2), (start.bytes / 2 ** 20).toFixed(0)],
    ),
  ]);
  return align([columns, ...rows]);
}
