// pkttap attach: the packets of a tap, as lines on standard output or as a savefile.

import { type Command, Option } from 'commander';
import type { Consumer } from '../consumer/consumer.js';
import type { LineOptions } from '../sink/line.js';
import { checkWritable } from '../sink/write-error.js';
import type { SavefileFlags } from './attach-savefile.js';
import {
  addConsumerOptions,
  announceStatistics,
  attachBy,
  type ConsumerFlags,
  countersLine,
  failOnLosses,
  watchLosses,
} from './consumer-options.js';
import { type CopyLimits, copyPackets } from './copy-packets.js';
import { reportAndExitCode, UsageError } from './failure.js';
import { parseFileCondition } from './file-conditions.js';
import { countFlag, parseCount } from './options.js';
import type { PacketOutput } from './packet-output.js';
import { addSavefileOptions, type SavefileOptionFlags, savefileFlagsOf } from './savefile-options.js';
import { isStop } from './signals.js';

interface Flags extends ConsumerFlags, SavefileOptionFlags {
  readonly count: number;
  readonly t: number;
  readonly nano?: true;
}

const EXAMPLES = `
A line has what \`tcpdump -n -S\` prints of a packet, without its payload.

A savefile is pcapng, or nsecpcap if it is called *.pcap. Give -b once for each
limit; -b files:N keeps the newest N files. They are called as dumpcap's are:
x_00001_20261231235959.pcapng. A KB is 1000 bytes. Nothing is forced to the disk
(no fsync).

Examples:
  pkttap attach eth0                      a line for each packet
  pkttap attach eth0 tcp port 443         those that a filter matches
  pkttap attach eth0 -w - | tshark -r -   a stream of pcapng
  pkttap attach eth0 -w x.pcap -c 1000    the next 1000 packets, as a pcap file
  pkttap attach eth0 -w x.pcapng.zst -b filesize:100000 -b files:10
                                          the newest ten files of 100 MB
  pkttap attach replay --wait             wait for the tap to come`;

export function configure(command: Command): void {
  command
    .description('Print the packets of a tap, or write them to a savefile.')
    .argument('<tap>', "the tap's name, or the path of its socket")
    .argument('[filter...]', 'as for capture; compiled by the tap, which looks up no names for us')
    .option('-w, --write <file>', 'write a savefile instead; -: to standard output')
    .addOption(new Option('-c, --count <n>', 'stop after so many packets').argParser(parseCount).default(0, 'no limit'))
    .option('-a, --autostop <limit>', 'stop at filesize:KB, duration:S, packets:N or files:N', parseFileCondition)
    .option('-t', 'no timestamps; -tt: seconds since 1970; -tttt: with the date', countFlag, 0)
    .option('--nano', 'timestamps with nanoseconds')
    .addHelpText('after', EXAMPLES)
    .action(run);
  addSavefileOptions(command);
  addConsumerOptions(command);
}

async function run(tap: string, filter: string[], flags: Flags): Promise<void> {
  const savefile = savefileFlagsOf(flags);
  if (savefile !== undefined && flags.reconnect)
    throw new UsageError("--reconnect doesn't go with -w: a savefile has the interfaces of one tap");
  timeOf(flags);
  // Before anything is attached: a tap that waits for its first consumer must not begin for nothing.
  if (savefile !== undefined) checkWritable(savefile.target);
  try {
    await attachAndCopy(tap, filter, flags, savefile);
  } catch (error) {
    if (!isStop(error)) throw error;
  }
}

async function attachAndCopy(
  tap: string,
  filter: readonly string[],
  flags: Flags,
  savefile: SavefileFlags | undefined,
): Promise<void> {
  using consumer = await attachBy(tap, flags, filter, 'attach');
  announceStatistics(consumer);
  const hasLost = watchLosses(consumer);
  const output = savefile === undefined ? await openLines(flags) : await openSavefile(savefile, consumer);
  tellStarter();
  await attempt(() => copyPackets(consumer, output, limitsOf(flags)));
  // What was read counts as delivered from here on, and a tap that waits for us needn't while the end is written.
  consumer.close();
  await attempt(() => output.close());
  if (!flags.quiet)
    for (const line of [countersLine(consumer.counters()), ...output.summary()]) process.stderr.write(`${line}\n`);
  failOnLosses(flags, hasLost());
}

/** By how often `-t` is given, as tcpdump has them. */
const TIMES = ['local', 'none', 'epoch', undefined, 'date'] as const;

function timeOf({ t }: Flags): NonNullable<LineOptions['time']> {
  const time = TIMES[t];
  if (time !== undefined) return time;
  throw new UsageError('-t, -tt and -tttt there are; for times between packets: -w - | tcpdump -r - -ttt');
}

/** `capture -w` lets packets flow when we have begun. That it may have gone meanwhile shows in the ring. */
function tellStarter(): void {
  process.send?.('ready', undefined, undefined, () => {});
}

/** What came before some trouble is kept, ended and counted all the same. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isStop(error)) process.exitCode = reportAndExitCode(error);
  }
}

function limitsOf({ count, autostop = {} }: Flags): CopyLimits {
  return { packets: Math.min(count || Infinity, autostop.packets ?? Infinity), seconds: autostop.duration ?? Infinity };
}

async function openSavefile(flags: SavefileFlags, consumer: Consumer): Promise<PacketOutput> {
  const savefile = await import('./attach-savefile.js');
  return await savefile.openSavefile(flags, consumer);
}

async function openLines(flags: Flags): Promise<PacketOutput> {
  const lines = await import('./attach-lines.js');
  return lines.openLines({ time: timeOf(flags), nanoseconds: flags.nano === true });
}
