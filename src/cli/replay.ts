// pkttap replay: savefiles into a tap, with tcpreplay's letters.

import { type Command, Option } from 'commander';
import { checkFilter } from '../source/filter.js';
import { openInjected } from '../source/injected.js';
import type { PacketSource } from '../source/packet-source.js';
import { PcapParserSource } from '../source/pcap-parser.js';
import { type Pace, type ReplayOptions, type ReplayResult, ReplaySource } from '../source/replay.js';
import { attendReplay } from './attend-replay.js';
import { UsageError } from './failure.js';
import { injectedLines, unsent } from './injected-lines.js';
import { withOtherMeaning } from './mistyped-word.js';
import { parseCount, parseMs, parsePositive, parseSeconds } from './options.js';
import { harden } from './privilege.js';
import { splitWords } from './savefile-words.js';
import { addTapOptions, runTap, type TapFlags } from './tap-options.js';
import { counted } from './text.js';

interface Flags extends TapFlags {
  readonly multiplier?: number;
  readonly pps?: number;
  readonly mbps?: number;
  readonly topspeed?: true;
  readonly loop: number;
  readonly loopdelayMs: number;
  readonly maxsleep?: number;
  readonly limit: number;
  readonly merge?: true;
  readonly follow?: true;
  readonly duration?: number;
  readonly stats?: number;
  readonly timestamps: 'original' | 'shift' | 'now';
  readonly to?: string;
  readonly reader: 'native' | 'pcap-parser';
}

/** What the other reader has no notion of: it keeps no time and reads one file after the other. */
const NATIVE_ONLY = ['loopdelayMs', 'maxsleep', 'merge', 'follow', 'duration', 'timestamps'] as const;

const EXAMPLES = `
The first word is a file, a folder (its files, by name) or - for standard input;
further words that name files are replayed after it, and the rest is a filter as
tcpdump takes it. Files may be compressed with gzip, zstd or lz4.

Without a rate the packets come as they were recorded. Consumers are waited for
unless they or this tap say --on-slow drop. Nobody needs to be attached:
--wait-for 1 waits for the first.

Examples:
  pkttap replay a.pcapng --wait-for 1         as recorded, once someone attaches
  pkttap replay -t --tap test a.pcap b.pcap   two, at top speed, as tap "test"
  pkttap replay -x 10 -l 0 a.pcap port 53     ten times as fast, for ever, DNS
  pkttap replay --merge -t ring-buffer/       a folder's files, by time
  pkttap replay -t --follow growing.pcapng    and what is still to come
  pkttap replay --to eth1 -p 1000 a.pcap      on the wire as well, 1000 a second
  xzcat a.pcap.xz | pkttap replay -           from standard input`;

export function configure(command: Command): void {
  command
    .description('Replay savefiles (pcap, pcapng) into a tap.')
    .argument('<file...>', 'savefiles, folders, or - for standard input; then a filter')
    .addOption(new Option('-x, --multiplier <n>', 'speed as a multiple of the recorded one').argParser(parsePositive))
    .addOption(new Option('-p, --pps <n>', 'packets a second').argParser(parsePositive).conflicts('multiplier'))
    .addOption(
      new Option('-M, --mbps <n>', 'megabits a second').argParser(parsePositive).conflicts(['multiplier', 'pps']),
    )
    .addOption(new Option('-t, --topspeed', 'as fast as it goes').conflicts(['multiplier', 'pps', 'mbps']))
    .option('-l, --loop <n>', 'times to go through all files; 0: until stopped', parseCount, 1)
    .option('--loopdelay-ms <ms>', 'from the last packet of a loop to the first of the next', parseMs, 0)
    .option('--maxsleep <ms>', 'longest gap between two packets, whatever the pace', parsePositive)
    .addOption(new Option('-L, --limit <n>', 'stop after so many packets').argParser(parseCount).default(0, 'no limit'))
    .option('--merge', "files in the order of their packets' times, not one by one")
    .addOption(new Option('--follow', 'wait for more at the end of the last file').conflicts(['merge', 'loop']))
    .option('--duration <s>', 'stop after so many seconds, pauses not counted', parseSeconds)
    .option('--stats <s>', 'a line of statistics every so many seconds', parseSeconds)
    .addOption(
      new Option('--timestamps <kind>', 'as recorded; the first one now, the gaps as recorded; or those of publication')
        .choices(['original', 'shift', 'now'])
        .default('original'),
    )
    .option('--to <device>', 'also put the packets on this device (needs CAP_NET_RAW)')
    .addOption(
      new Option('--reader <reader>', 'pcap-parser: a second opinion on classic pcap files, with -t')
        .choices(['native', 'pcap-parser'])
        .default('native'),
    )
    .addHelpText('after', EXAMPLES)
    .action(run);
  addTapOptions(command, { name: 'replay', ringSize: '4M', onSlow: 'wait' });
}

async function run(words: string[], flags: Flags, command: Command): Promise<void> {
  const { files, filter } = splitWords(words);
  if (flags.loop !== 1 && files.includes('-'))
    throw new UsageError('standard input can be replayed only once: no --loop');
  if (filter !== '') checkWords(filter);
  if (flags.follow && files.at(-1) === '-') throw new UsageError('standard input has no need of --follow');
  const source: PacketSource & { readonly result: ReplayResult } =
    flags.reader === 'native'
      ? new ReplaySource(files, { ...optionsOf(flags), filter })
      : otherReader(files, filter, flags, command);
  const injected = flags.to === undefined ? undefined : openInjected(source, flags.to);
  using _device = injected && { [Symbol.dispose]: () => injected.close() };
  await runTap({
    source: injected ?? source,
    name: flags.tap ?? 'replay',
    flags,
    banner: [`replaying ${source.description}${injected === undefined ? '' : ` onto ${injected.device}, too`}`],
    // Files are opened as they come up, so the user stays, with what lets it read them; and with them come link types, for
    // which a filter is compiled that may have names of hosts in it.
    confine: () => harden({ sockets: filter !== '' }),
    attend: (tap) => attendReplay(tap, source.control, { ...flags, keys: !files.includes('-') }),
    progress: flags.stats === undefined,
    hasLost: () => injected !== undefined && unsent(injected) > 0,
    summarize: ({ stats, reason }, seconds) => [
      `${counted(stats.published, 'packet')} (${stats.bytes} bytes) replayed in ${seconds.toFixed(2)} seconds${rates(stats, seconds)}`,
      ...(stats.received === stats.published ? [] : [`${stats.received} packets read from the files`]),
      ...(injected === undefined ? [] : injectedLines(injected)),
      ...source.result.withoutPackets.map((path) => `${path}: there is no packet in it`),
      ...(stats.received === 0 && reason !== 'failed' ? ['there was no packet in what was replayed'] : []),
    ],
  });
}

function checkWords(filter: string): void {
  try {
    checkFilter(filter);
  } catch (error) {
    throw withOtherMeaning(error, filter, 'file');
  }
}

function otherReader(files: string[], filter: string, flags: Flags, command: Command): PcapParserSource {
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
  if (filter !== '' || !flags.topspeed || NATIVE_ONLY.some(isGiven))
    throw new UsageError('--reader pcap-parser takes classic files, -t, -l and -L, and neither a filter nor a pace');
  return new PcapParserSource(files, { loops: flags.loop, limit: flags.limit });
}

function optionsOf(flags: Flags): ReplayOptions {
  return {
    pace: paceOf(flags),
    loops: flags.loop,
    loopDelayMs: flags.loopdelayMs,
    limit: flags.limit,
    timestamps: flags.timestamps,
    merge: flags.merge === true,
    follow: flags.follow === true,
    ...(flags.maxsleep !== undefined && { maxSleepMs: flags.maxsleep }),
    ...(flags.duration !== undefined && { durationMs: flags.duration * 1000 }),
  };
}

function rates({ published, bytes }: { published: number; bytes: number }, seconds: number): string {
  if (published === 0 || seconds === 0) return '';
  return `: ${Math.round(published / seconds)} pps, ${((bytes * 8) / seconds / 1e6).toFixed(2)} Mbps`;
}

function paceOf({ topspeed, pps, mbps, multiplier = 1 }: Flags): Pace {
  if (topspeed) return { kind: 'topspeed' };
  if (pps !== undefined) return { kind: 'pps', rate: pps };
  if (mbps !== undefined) return { kind: 'mbps', rate: mbps };
  return { kind: 'original', multiplier };
}
