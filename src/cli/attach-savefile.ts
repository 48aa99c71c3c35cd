// Packets as a savefile, on disk or on standard output.

import type { Consumer } from '../consumer/consumer.js';
import type { PacketBatch } from '../ring/packet-batch.js';
import type { InterfaceStatistics } from '../savefile/writer.js';
import { FileSink } from '../sink/file.js';
import type { PacketOutput } from './packet-output.js';
import { stopSignal } from './signals.js';
import { counted } from './text.js';

const STDOUT = 1;

/** Opens the target before the first packet is asked for, so that a bad one is told at once. */
export async function openSavefile(
  target: string,
  format: 'pcap' | 'pcapng' | undefined,
  consumer: Consumer,
): Promise<PacketOutput> {
  const sink = await FileSink.open({
    target,
    fd: STDOUT,
    interfaces: consumer.interfaces,
    signal: stopSignal,
    ...(format !== undefined && { format }),
  });
  return {
    get packets() {
      return sink.written + sink.unwritten + sink.torn;
    },
    write: async (batch: PacketBatch) => {
      if (batch.missedBefore > 0) sink.missed(batch.missedBefore);
      return (await sink.write(batch)) === 'written';
    },
    close: async () => {
      await sink.close(interfaceStatistics(consumer));
      const torn = sink.torn === 0 ? [] : [`${sink.torn} overwritten while they were copied, and left out`];
      return [`${counted(sink.written, 'packet')} written`, ...torn];
    },
  };
}

/** The source's counters belong to one interface only if there is only one. */
function interfaceStatistics(consumer: Consumer): InterfaceStatistics[] {
  if (consumer.interfaces.length !== 1) return [];
  const { delivered, source } = consumer.counters();
  return [
    {
      interfaceIndex: 0,
      atNs: BigInt(Date.now()) * 1_000_000n,
      received: source.received,
      delivered,
      ...(source.kernelDropped !== undefined && { kernelDropped: source.kernelDropped }),
      ...(source.interfaceDropped !== undefined && { interfaceDropped: source.interfaceDropped }),
    },
  ];
}
