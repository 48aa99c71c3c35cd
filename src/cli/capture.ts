// pkttap capture: network devices into a tap, with tcpdump's letters.

import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { TapStats } from '../control/messages.js';
import { type LiveOptions, LiveSource } from '../source/live.js';
import { fileLimitsOf, limitsOf, parseAutostop } from './capture-autostop.js';
import { asksForChoices, type ChoiceFlags, printChoices } from './capture-choices.js';
import { type Engine, openEngine } from './capture-engine.js';
import { deviceLine, isFinal } from './device-lines.js';
import { UsageError } from './failure.js';
import { readFilter, withFilterFile } from './filter-file.js';
import { withOtherMeaning } from './mistyped-word.js';
import { collect, parseBufferSize, parseCount, parseSnaplen, parseThreads } from './options.js';
import { depart, planDeparture } from './privilege.js';
import { recordingOf } from './recorder.js';
import { addSavefileOptions, type SavefileOptionFlags } from './savefile-options.js';
import { addTapOptions, runTap, type TapFlags } from './tap-options.js';
import { counted, sizeText } from './text.js';

interface Flags extends TapFlags, SavefileOptionFlags, ChoiceFlags {
  readonly interface?: string[];
  readonly filterFile?: string;
  readonly snapshotLength?: number;
  readonly promiscuousMode: boolean;
  readonly bufferSize?: number;
  readonly count: number;
  readonly timeStampType?: string;
  readonly direction?: 'in' | 'out' | 'inout';
  readonly immediateMode?: true;
  readonly relinquishPrivileges?: string;
  readonly engine: Engine;
  readonly linktype?: string;
  readonly nano?: true;
  readonly micro?: true;
  readonly reopen?: true;
  readonly threads?: number;
}

const EXAMPLES = `
The first word is a device; further words that name devices are captured from
as well, and the rest is a filter as tcpdump takes it. With -i, all words are
the filter.

Needs CAP_NET_RAW: root, or docker run --cap-add NET_RAW. Consumers need no
privilege, only to reach the socket (--group).

Examples:
  pkttap capture eth0                     all packets of eth0, as tap "eth0"
  pkttap capture eth0 eth1 not port 22    two devices in one tap, filtered
  pkttap capture -i any -s 128 -c 1000    128 bytes each of 1000 packets
  pkttap capture eth0 -w day.pcapng       publish, and record beside
  pkttap capture eth0 --tap x --group g   the group g may attach to "x"`;

export function configure(command: Command): void {
  command
    .description('Capture from network devices into a tap.')
    .argument('[device...]', 'devices (see `pkttap devices`), then a filter')
    .option('-i, --interface <device>', 'device to capture from (repeatable)', collect)
    .option('-F, --filter-file <file>', 'the filter is in this file; no words of it then')
    .option('-s, --snapshot-length <bytes>', 'keep no more of each packet (default: 262144)', parseSnaplen)
    .option('-p, --no-promiscuous-mode', "don't ask for packets to other hosts")
    .option('-B, --buffer-size <size>', "the kernel's buffer, in KiB or with a suffix (default: 16M)", parseBufferSize)
    .addOption(new Option('-c, --count <n>', 'stop after so many packets').argParser(parseCount).default(0, 'no limit'))
    .option('-a, --autostop <limit>', 'stop at duration:S, packets:N; with -w: filesize:KB, files:N', parseAutostop)
    .option('-j, --time-stamp-type <type>', 'who makes the timestamps, as in pcap-tstamp(7)')
    .option('-J, --list-time-stamp-types', 'list those that the device has, and exit')
    .addOption(new Option('--nano', 'timestamps of nanoseconds: the default').conflicts('micro'))
    .option('--micro', 'timestamps of microseconds')
    .option('-y, --linktype <type>', "one of the device's link types, by its name")
    .option('-L, --list-data-link-types', 'list those that the device has, and exit')
    .option('-I, --monitor-mode', 'Wi-Fi: all that is in the air')
    .addOption(
      new Option('-Q, --direction <direction>', 'packets that come in, go out, or both').choices([
        'in',
        'out',
        'inout',
      ]),
    )
    .option('--immediate-mode', 'hand over each packet at once')
    .addOption(
      new Option('--engine <engine>', 'cap: the package cap, where libpcap is not to be had otherwise')
        .choices(['libpcap', 'cap'])
        .default('libpcap'),
    )
    .option('--reopen', 'wait for a device that is gone to come back')
    .option(
      '--threads <n>',
      'capture in so many threads, 1 to 16, each with a ring of its own (default: 1)',
      parseThreads,
    )
    .option('-w, --write <file>', 'record to a savefile beside; -: to standard output')
    .option('-Z, --relinquish-privileges <user>', 'become this user (default, as root: pkttap, if there is one)')
    .addHelpText('after', EXAMPLES)
    .action(run);
  // -F is a file with a filter, for tcpdump.
  addSavefileOptions(command, '--format <format>');
  addTapOptions(command, { name: 'the first device', ringSize: '64M', onSlow: 'drop' });
}

async function run(words: string[], flags: Flags, command: Command): Promise<void> {
  const { autostop, ...others } = flags;
  const limits = fileLimitsOf(autostop);
  const recording = recordingOf({ ...others, ...(limits !== undefined && { autostop: limits }) });
  const { devices, filter } = devicesAndFilter(words, flags);
  if (asksForChoices(flags)) return printChoices(devices, flags);
  const departure = planDeparture(flags.relinquishPrivileges);
  const source = open(devices, { options: liveOptionsOf(flags, filter), flags, command });
  const buffer = flags.bufferSize === undefined ? [] : [`kernel buffer ${sizeText(flags.bufferSize)}`];
  const warnings = source.warnings.map((text) => `warning: ${text}`);
  try {
    await runTap({
      source,
      name: flags.tap ?? tapNameOf(devices[0]!),
      flags,
      owner: departure.user?.uid,
      confine: () => depart(departure, { reopens: flags.reopen === true }),
      banner: [...source.banner.map((line) => `listening on ${line}`), ...buffer, ...warnings],
      recording,
      summarize: ({ stats }) => [
        `${counted(stats.published, 'packet')} captured`,
        ...kernelLines(stats),
        ...(stats.interfaceDropped ? [`${counted(stats.interfaceDropped, 'packet')} dropped by interface`] : []),
      ],
    });
  } finally {
    source.close();
  }
}

/** As tcpdump counts: what passed the filter, those that then found no room included. Of cap nobody knows. */
function kernelLines({ received, kernelDropped }: TapStats): string[] {
  if (kernelDropped === undefined) return ['packets dropped by kernel: unknown'];
  return [
    `${counted(received + kernelDropped, 'packet')} received by filter`,
    `${counted(kernelDropped, 'packet')} dropped by kernel`,
  ];
}

interface OpenCapture {
  readonly options: LiveOptions;
  readonly flags: Flags;
  readonly command: Command;
}

function open(devices: readonly string[], { options, flags, command }: OpenCapture): ReturnType<typeof openEngine> {
  try {
    const source = openEngine(flags.engine, devices, { options, command });
    if (source instanceof LiveSource) tellOfDevices(source, flags.reopen === true);
    return source;
  } catch (error) {
    const { filter = '' } = options;
    throw flags.filterFile === undefined
      ? withOtherMeaning(error, filter, 'device')
      : withFilterFile(error, flags.filterFile);
  }
}

/** What ends the capture is told as its end, and not here as well. */
function tellOfDevices(source: LiveSource, reopens: boolean): void {
  const isOnly = source.devices.length === 1;
  source.onDevice = (change) => {
    if (!isOnly || !isFinal(change, reopens)) process.stderr.write(`pkttap: ${deviceLine(change, reopens)}\n`);
  };
}

function liveOptionsOf(flags: Flags, filter: string): LiveOptions {
  return {
    filter,
    ...limitsOf(flags.count, flags.autostop),
    precision: flags.micro ? 'micro' : 'nano',
    monitor: flags.monitorMode === true,
    reopen: flags.reopen === true,
    ...(flags.threads !== undefined && { threads: flags.threads }),
    ...(flags.linktype !== undefined && { linktype: flags.linktype }),
    promiscuous: flags.promiscuousMode,
    immediate: flags.immediateMode === true,
    ...(flags.snapshotLength !== undefined && { snaplen: flags.snapshotLength }),
    ...(flags.bufferSize !== undefined && { bufferBytes: flags.bufferSize }),
    ...(flags.timeStampType !== undefined && { timestampType: flags.timeStampType }),
    ...(flags.direction !== undefined && { direction: flags.direction === 'inout' ? 'both' : flags.direction }),
  };
}

function devicesAndFilter(words: readonly string[], flags: Flags): { devices: string[]; filter: string } {
  const { devices, filter } = splitWords(words, flags.interface);
  if (flags.filterFile === undefined) return { devices, filter };
  if (filter !== '') throw new UsageError(`-F names the filter, and so does ${JSON.stringify(filter)}`);
  return { devices, filter: readFilter(flags.filterFile) };
}

/** The first word is always a device, so that a mistyped one is told as such; further ones only if they name one. */
function splitWords(
  words: readonly string[],
  named: readonly string[] | undefined,
): { devices: string[]; filter: string } {
  if (named !== undefined) return { devices: [...named], filter: words.join(' ') };
  if (words.length === 0) throw new UsageError('capture from which device? `pkttap devices` lists them');
  const isDevice = (word: string) => !word.includes('/') && existsSync(`/sys/class/net/${word}`);
  const firstOther = words.findIndex((word, i) => i > 0 && !isDevice(word));
  const count = firstOther < 0 ? words.length : firstOther;
  return { devices: words.slice(0, count), filter: words.slice(count).join(' ') };
}

/** Devices may have letters in their names that a tap's may not have, or not as its first. */
function tapNameOf(device: string): string {
  return device.replace(/[^A-Za-z0-9_.:@-]/g, '_').replace(/^(?![A-Za-z0-9])/, 'tap');
}
