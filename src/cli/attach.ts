// pkttap attach: the packets of a tap, as lines on standard output or as a savefile.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { attach } from '../consumer/attach.js';
import type { Consumer } from '../consumer/consumer.js';
import {
  addConsumerOptions,
  announceStatistics,
  attachOptionsOf,
  type ConsumerFlags,
  countersLine,
} from './consumer-options.js';
import { reportAndExitCode, UsageError } from './failure.js';
import { countFlag, parseCount } from './options.js';
import type { PacketOutput } from './packet-output.js';
import { isStop } from './signals.js';

interface Flags extends ConsumerFlags {
  readonly write?: string;
  readonly format?: 'pcap' | 'pcapng';
  readonly count: number;
  readonly t: number;
  readonly nano?: true;
}

const EXAMPLES = `
A line has what \`tcpdump -n -S\` prints of a packet, without its payload.

Examples:
  pkttap attach eth0                      a line for each packet
  pkttap attach eth0 -w - | tshark -r -   a stream of pcapng
  pkttap attach eth0 -w x.pcap -c 1000    the next 1000 packets, as a pcap file
  pkttap attach replay --wait             wait for the tap to come`;

export function configure(command: Command): void {
  command
    .description('Print the packets of a tap, or write them to a savefile.')
    .argument('<tap>', "the tap's name, or the path of its socket")
    .option('-w, --write <file>', 'write a savefile instead; -: to standard output')
    .option('-F, --format <format>', 'pcapng or pcap (default: pcapng; pcap for *.pcap)', parseFormat)
    .addOption(new Option('-c, --count <n>', 'stop after so many packets').argParser(parseCount).default(0, 'no limit'))
    .option('-t', 'no timestamps; -tt: seconds since 1970', countFlag, 0)
    .option('--nano', 'timestamps with nanoseconds')
    .addHelpText('after', EXAMPLES)
    .action(run);
  addConsumerOptions(command);
}

function parseFormat(text: string): 'pcap' | 'pcapng' {
  if (text === 'pcap' || text === 'pcapng') return text;
  throw new InvalidArgumentError('pcap or pcapng is expected.');
}

async function run(tap: string, flags: Flags): Promise<void> {
  if (flags.write === '-' && process.stdout.isTTY)
    throw new UsageError('-w - writes binary data: pipe it, or name a file');
  let consumer: Consumer;
  try {
    consumer = await attach(tap, attachOptionsOf(flags, 'attach'));
  } catch (error) {
    if (isStop(error)) return;
    throw error;
  }
  using _attached = consumer;
  announceStatistics(consumer);
  const output = await openOutput(flags, consumer);
  try {
    await copyPackets(consumer, output, flags.count || Number.POSITIVE_INFINITY);
  } catch (error) {
    // What came before the trouble is kept, and its end is written, before the trouble is told.
    if (!isStop(error)) process.exitCode = reportAndExitCode(error);
  }
  // What was read counts as delivered from here on, and a tap that waits for us needn't while the end is written.
  consumer.close();
  const lines = await output.close(consumer);
  if (!flags.quiet) for (const line of [countersLine(consumer), ...lines]) process.stderr.write(`${line}\n`);
}

async function openOutput(flags: Flags, consumer: Consumer): Promise<PacketOutput> {
  if (flags.write !== undefined) {
    const { openSavefile } = await import('./attach-savefile.js');
    return await openSavefile(flags.write, flags.format, consumer);
  }
  const { openLines } = await import('./attach-lines.js');
  const time = (['local', 'none', 'epoch'] as const)[Math.min(flags.t, 2)]!;
  return openLines({ time, nanoseconds: flags.nano === true });
}

async function copyPackets(consumer: Consumer, output: PacketOutput, count: number): Promise<void> {
  for (let left = count; left > 0; ) {
    const batch = await consumer.receivePackets(Math.min(left, Number.MAX_SAFE_INTEGER));
    if (batch === null || !(await output.write(batch))) return;
    left = count - output.packets;
  }
}
