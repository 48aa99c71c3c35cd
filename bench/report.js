// The report: what was measured, as text.

import { align } from './support/table.js';

/** @param {number} value @param {number} [digits] */
const fixed = (value, digits = 2) => value.toFixed(digits);

/** @param {import('./run.js').Report} report */
export function formatReport({ machine, rounds, files, reading, latency }) {
  const { cores, cpu, memoryGiB, load, kernel, node, tcpdump } = machine;
  const hardware = `${cores} cores, ${cpu}, ${memoryGiB} GiB, load before the run ${fixed(load)}`;
  const head = `${hardware}\nLinux ${kernel}, Node ${node}, ${tcpdump}\n`;
  return [head, ...files.map((file) => formatFile(file, rounds)), formatReading(reading), formatLatency(latency)].join(
    '\n',
  );
}

/** @param {import('./run.js').FileReport} file @param {number} rounds */
function formatFile({ kind, packets, bytes, peers, fanOut, idle }, rounds) {
  const size = `${packets.toLocaleString('en')} packets of ${fixed(bytes / packets, 1)} bytes on average`;
  const title = `${kind}: ${size}, median of ${rounds} rounds (slowest to fastest)`;
  const columns = ['', 'Mpps', 'range', 'GB/s', 'CPU s/Mpkt', 'pkttap is', ''];
  const rows = peers.map(({ name, how, packetsPerSecond, slowest, fastest, cpuPerMillion, ratio }) => [
    name,
    fixed(packetsPerSecond / 1e6),
    `${fixed(slowest / 1e6)}-${fixed(fastest / 1e6)}`,
    fixed((packetsPerSecond * bytes) / packets / 1e9),
    fixed(cpuPerMillion, 3),
    name === 'pkttap' ? '' : `${fixed(ratio, 1)}x`,
    how,
  ]);
  return `${title}\n${align([columns, ...rows])}\n${formatFanOut(kind, fanOut)}\n${formatIdle(kind, idle)}`;
}

/** @param {string} kind @param {import('./run.js').FileReport['fanOut']} fanOut */
function formatFanOut(kind, fanOut) {
  const columns = ['consumers', 'Mpps each', 'Mpps together', 'CPU s/Mpkt'];
  const rows = fanOut.map(({ consumers, packetsPerSecond, deliveredPerSecond, cpuPerMillion }) => [
    String(consumers),
    fixed(packetsPerSecond / 1e6),
    fixed(deliveredPerSecond / 1e6),
    fixed(cpuPerMillion, 3),
  ]);
  return `${kind}: fan-out, each consumer decodes every packet\n${align([columns, ...rows])}`;
}

/** @param {string} kind @param {import('./run.js').FileReport['idle']} idle */
function formatIdle(kind, idle) {
  const columns = ['attached', 'Mpps', 'cost'];
  const rows = idle.map(({ consumers, packetsPerSecond, cost }) => [
    String(consumers),
    fixed(packetsPerSecond / 1e6),
    consumers === 0 ? '' : `${fixed(100 * cost, 1)} %`,
  ]);
  return `${kind}: consumers that are attached and sleep\n${align([columns, ...rows])}`;
}

/** @param {import('./run.js').Report['reading']} reading */
function formatReading(reading) {
  const rows = reading.map(({ format, reader, packetsPerSecond, ratio }) => [
    `${format}, ${reader}`,
    fixed(packetsPerSecond / 1e6),
    reader === 'pkttap' ? '' : `${fixed(ratio, 1)}x`,
  ]);
  return `Reading alone: 200,000 IMIX packets, handed to nobody\n${align([['', 'Mpps', 'pkttap is'], ...rows])}`;
}

/** @param {import('./run.js').Report['latency']} latency */
function formatLatency(latency) {
  const us = (/** @type {number} */ ns) => fixed(ns / 1000, 0);
  const columns = ['consumers', 'p50 us', 'p99 us', 'tap CPU us/packet', 'consumer CPU us/packet'];
  const rows = latency.map(({ consumers, busyPoll, p50Ns, p99Ns, tapCpuNs, consumerCpuNs }) => [
    `${consumers} ${busyPoll ? 'busy polling' : 'sleeping'}`,
    us(p50Ns),
    us(p99Ns),
    us(tapCpuNs),
    us(consumerCpuNs),
  ]);
  return `Latency: a packet about every ms, from its writing into the tap's input until a consumer has it\n${align([columns, ...rows])}`;
}
