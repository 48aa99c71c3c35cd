// The report of the capture bench: what was measured, as text.

import { align } from '../support/table.js';
import { FRAME_BYTES } from './cable.js';

/** @param {import('../capture.js').CaptureReport} report */
export function formatCapture({ machine, rounds, packets, alone, withConsumer, latency, stopped }) {
  const { cores, cpu, memoryGiB, load, kernel, node, tcpdump } = machine;
  const hardware = `${cores} cores, ${cpu}, ${memoryGiB} GiB, load before the run ${load.toFixed(2)}`;
  return [
    `${hardware}\nLinux ${kernel}, Node ${node}, ${tcpdump}\n`,
    `${packets.toLocaleString('en')} packets of ${FRAME_BYTES} bytes each time, median of ${rounds} rounds\n`,
    `Capture alone, at ${mpps(alone)} Mpps\n${loadTable(alone)}`,
    `With a consumer that decodes, at ${mpps(withConsumer)} Mpps\n${loadTable(withConsumer)}`,
    `From the kernel's timestamp to the consumer, a packet about every ms\n${latencyTable(latency)}`,
    `A consumer that stands still, at ${mpps(withConsumer)} Mpps: the tap meanwhile\n${stoppedTable(stopped)}`,
  ].join('\n');
}

/** @param {{ packetsPerSecond: number }} measured */
function mpps({ packetsPerSecond }) {
  return (packetsPerSecond / 1e6).toFixed(2);
}

/** @param {{ loads: import('./load.js').Load[] }} measured */
function loadTable({ loads }) {
  const rows = loads.map(({ name, how, lostShare, cpuPerMillion, ratio }) => [
    name,
    `${(lostShare * 100).toFixed(2)} %`,
    cpuPerMillion.toFixed(3),
    `${ratio.toFixed(1)}x`,
    how,
  ]);
  return align([['', 'lost', 'CPU s/Mpkt', 'of pkttap', ''], ...rows]);
}

/** @param {({ name: string } & import('./latency.js').Latency)[]} latency */
function latencyTable(latency) {
  const rows = latency.map(({ name, packets, p50Us, p99Us }) => [
    name,
    String(packets),
    p50Us.toFixed(0),
    p99Us.toFixed(0),
  ]);
  return align([['', 'packets', 'p50 us', 'p99 us'], ...rows]);
}

/** @param {Awaited<ReturnType<import('./stopped.js').measureStopped>>} stopped */
function stoppedTable({ phases, missed }) {
  const rows = phases.map(({ when, packets, lost, cpuPerMillion }) => [
    when,
    String(packets),
    String(lost),
    cpuPerMillion.toFixed(3),
  ]);
  return `${align([['', 'packets', 'lost', 'CPU s/Mpkt'], ...rows])}  ${missed} missed by the one that stood still\n`;
}
