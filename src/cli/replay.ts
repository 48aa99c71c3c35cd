// pkttap replay: savefiles into a tap, with tcpreplay's letters.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { SavefileError } from '../errors.js';
import { type Pace, ReplaySource } from '../source/replay.js';
import { UsageError } from './failure.js';
import { parseCount, parsePositive } from './options.js';
import { addTapOptions, runTap, type TapFlags } from './tap-options.js';
import { counted } from './text.js';

interface Flags extends TapFlags {
  readonly multiplier?: number;
  readonly pps?: number;
  readonly mbps?: number;
  readonly topspeed?: true;
  readonly loop: number;
  readonly limit: number;
}

const EXAMPLES = `
The first word is a file, a folder (its files, by name) or - for standard input;
further words that name files are replayed after it, and the rest is a filter as
tcpdump takes it.

Without a rate the packets come as they were recorded. Consumers are waited for
(lossless) unless they or --lossy say otherwise. Nobody needs to be attached:
--wait-for 1 waits for the first.

Examples:
  pkttap replay a.pcapng --wait-for 1         as recorded, once someone attaches
  pkttap replay -t --tap test a.pcap b.pcap   two, at top speed, as tap "test"
  pkttap replay -x 10 -l 0 a.pcap port 53     ten times as fast, for ever, DNS
  zcat a.pcap.gz | pkttap replay -            from standard input`;

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
    .addOption(new Option('-L, --limit <n>', 'stop after so many packets').argParser(parseCount).default(0, 'no limit'))
    .addHelpText('after', EXAMPLES)
    .action(run);
  addTapOptions(command, { name: 'replay', ringSize: '4M', policy: 'lossless' });
}

async function run(words: string[], flags: Flags): Promise<void> {
  const { files, filter } = splitWords(words);
  if (flags.loop !== 1 && files.includes('-'))
    throw new UsageError('standard input can be replayed only once: no --loop');
  const source = new ReplaySource(files, { pace: paceOf(flags), loops: flags.loop, limit: flags.limit, filter });
  await runTap({
    source,
    name: flags.tap ?? 'replay',
    flags,
    banner: [`replaying ${source.description}`],
    summarize: ({ stats, reason }, seconds) => [
      `${counted(stats.published, 'packet')} (${stats.bytes} bytes) replayed in ${seconds.toFixed(2)} seconds${rates(stats, seconds)}`,
      ...(stats.received === stats.published ? [] : [`${stats.received} packets read from the files`]),
      ...(stats.received === 0 && reason !== 'failed' ? ['there was no packet in what was replayed'] : []),
    ],
  });
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

/** Words up to the first that names no file are files; the first always is one, so that a mistyped name is told as such. */
function splitWords(words: readonly string[]): { files: string[]; filter: string } {
  const isFile = (word: string) => word === '-' || existsSync(word);
  const firstOther = words.findIndex((word, i) => i > 0 && !isFile(word));
  const count = firstOther < 0 ? words.length : firstOther;
  return { files: words.slice(0, count).flatMap(expand), filter: words.slice(count).join(' ') };
}

/** A folder stands for its files, by name; what they are is for the reader to say. */
function expand(path: string): string[] {
  if (path === '-' || !existsSync(path) || !statSync(path).isDirectory()) return [path];
  const files = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile());
  if (files.length === 0) throw new SavefileError('ERR_TAP_NO_FILE', `${path}: no file in this folder`, { path });
  return files.map(({ name }) => join(path, name)).sort();
}
