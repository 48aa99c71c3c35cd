// Packets as savefiles, on disk or on standard output: one, or a series of them.

import { arch, cpus, release, type } from 'node:os';
import type { Consumer } from '../consumer/consumer.js';
import type { PacketBatch } from '../ring/packet-batch.js';
import type { SourceCounters } from '../ring/source-counters.js';
import type { Compression, SavefileFormat } from '../savefile/format.js';
import type { SavefileOrigin } from '../savefile/pcapng/section-header.js';
import type { InterfaceStatistics } from '../savefile/writer.js';
import type { FileLimits } from '../sink/file-limits.js';
import { FileSeries, type Rotation, type SeriesOutcome } from '../sink/file-series.js';
import { readManifest } from './manifest.js';
import type { PacketOutput } from './packet-output.js';
import { stopSignal } from './signals.js';
import { counted } from './text.js';

const STDOUT = 1;

/** What is asked of the savefiles; the formats and limits are the sink's. */
export interface SavefileFlags {
  readonly target: string;
  readonly format?: SavefileFormat;
  readonly compression?: Compression;
  readonly comments?: readonly string[];
  readonly limits: FileLimits;
  readonly rotation?: Rotation;
}

/** Opens the target before the first packet is asked for, so that a bad one is told at once. */
export async function openSavefile(flags: SavefileFlags, consumer: Consumer): Promise<PacketOutput> {
  const { comments, ...options } = flags;
  const series = await FileSeries.open({
    ...options,
    fd: STDOUT,
    interfaces: consumer.interfaces,
    signal: stopSignal,
    origin: originOf(comments),
    statistics: () => interfaceStatistics(consumer, packetsOf(series)),
  });
  const wantsMore = (outcome: SeriesOutcome) => outcome === 'written';
  return {
    get packets() {
      return packetsOf(series);
    },
    get dueMs() {
      return series.dueMs;
    },
    write: async (batch: PacketBatch) => {
      if (batch.missedBefore > 0) series.missed(batch.missedBefore);
      return wantsMore(await series.write(batch));
    },
    timeUp: async () => wantsMore(await series.write([])),
    close: async () => void (await series.close()),
    summary: () => summary(series, flags.rotation !== undefined),
  };
}

function packetsOf(series: FileSeries): number {
  return series.packets + series.unwritten + series.torn;
}

function summary({ written, torn, files, path }: FileSeries, isSeries: boolean): string[] {
  const where = isSeries ? ` to ${counted(files, 'file')}, the last: ${path}` : '';
  const left = torn === 0 ? [] : [`${torn} overwritten while they were copied, and left out`];
  return [`${counted(written, 'packet')} written${where}`, ...left];
}

/** What dumpcap says of itself and the machine. */
function originOf(comments: readonly string[] | undefined): SavefileOrigin {
  return {
    hardware: cpus()[0]?.model ?? arch(),
    os: `${type()} ${release()}`,
    application: `pkttap ${readManifest().version}`,
    ...(comments !== undefined && { comments }),
  };
}

/**
 * The source's counters belong to one interface only if there is only one; those of several are told in a comment. They are
 * the tap's, since it began; filterAccepted less delivered is what the ring lost of what was meant for us.
 */
function interfaceStatistics(consumer: Consumer, delivered: number): InterfaceStatistics[] {
  const { missed, source } = consumer.counters();
  const interfaces = consumer.interfaces.length;
  const atNs = BigInt(Date.now()) * 1_000_000n;
  const comments =
    missed === 0 ? [] : [`${counted(missed, 'packet')} missed: the tap overwrote them before they were read`];
  if (interfaces === 0) return [];
  if (interfaces > 1)
    return [{ interfaceIndex: interfaces - 1, atNs, comments: [togetherText(interfaces, source), ...comments] }];
  return [
    {
      interfaceIndex: 0,
      atNs,
      comments,
      received: source.received,
      filterAccepted: delivered + missed,
      delivered,
      ...(source.kernelDropped !== undefined && { kernelDropped: source.kernelDropped }),
      ...(source.interfaceDropped !== undefined && { interfaceDropped: source.interfaceDropped }),
    },
  ];
}

function togetherText(interfaces: number, { received, kernelDropped, interfaceDropped }: SourceCounters): string {
  const drops = `${kernelDropped ?? 'unknown'} dropped by kernel, ${interfaceDropped ?? 'unknown'} dropped by interface`;
  return `all ${interfaces} interfaces together: ${counted(received, 'packet')} received, ${drops}`;
}
