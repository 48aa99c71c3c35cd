// The corpus in groups of many files, each with what its packets must look like when all the files are replayed one
// after the other and written to one capture. Starting tshark for each of 1,932 files takes minutes; this takes seconds,
// and was checked to give what tshark says of each file alone:
//
// - classic pcap: `mergecap -a -I none` joins them and keeps bytes, lengths, encapsulation and times to the nanosecond,
//   except fractions of a second of a second or more, which are read from the file instead;
// - pcapng: files one after the other are one capture with many sections, in which tshark shows the original ids;
// - linktypes that Wireshark does not know come one by one, for tcpdump: see corpusForTcpdump.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { epochText, readClassicPcap } from './classic-pcap.js';
import { type CorpusFile, corpusFiles } from './corpus.js';
import { output } from './run.js';
import { describeCapture, type PacketDescription } from './tshark.js';

const LAST_NS = 2n ** 64n - 1n;

/** What must be the same before and after. Line them up with {@link comparable}. */
export interface ExpectedPacket {
  /** The file it stands in, for messages. */
  readonly path: string;
  readonly line: string;
}

export interface CorpusGroup {
  readonly name: string;
  /** Absolute paths, in the order to replay them. */
  readonly paths: readonly string[];
  /** In order, over all files. Takes a process or two: ask for it when it is needed. */
  expected(): Promise<ExpectedPacket[]>;
}

/** Every file of a class that tshark can read, in groups: the valid ones, or those that are compressed with gzip. */
export function corpusGroups(filesPerGroup = 300, kind: 'valid' | 'valid-gz' = 'valid'): CorpusGroup[] {
  const readable = corpusFiles(kind).filter((file) => file.packets !== undefined);
  const pcapng = readable.filter((file) => file.format.includes('pcapng'));
  const classic = readable.filter((file) => !file.format.includes('pcapng'));
  const name = (format: string, at: number) => `${format} ${at + 1}${kind === 'valid' ? '' : ' gzip'}`;
  return [
    ...chunks(classic, filesPerGroup).map((files, at) => group(name('pcap', at), files, describeClassic)),
    ...chunks(pcapng, filesPerGroup).map((files, at) => group(name('pcapng', at), files, describePcapng)),
  ];
}

/** The valid files whose linktype Wireshark does not know: classic pcap, one linktype each, which tcpdump reads. */
export function corpusForTcpdump(): CorpusFile[] {
  return corpusFiles('valid').filter((file) => file.packets === undefined);
}

/**
 * The records of a capture as tcpdump reads and writes them again: nanosecond pcap without its file header. Equal for
 * two captures with the same packets. tcpdump takes one linktype and one snaplen per capture.
 */
export async function recordsByTcpdump(capture: string | Uint8Array): Promise<Buffer> {
  const [path, input] = typeof capture === 'string' ? [capture, undefined] : ['-', capture];
  const args = ['-r', path, '--time-stamp-precision=nano', '-w', '-'];
  return (await output('tcpdump', args, input === undefined ? {} : { input })).subarray(24);
}

/** Packets of a described capture as lines to compare. Blocks that are no packets are left out. */
export function comparable(descriptions: readonly PacketDescription[]): string[] {
  return descriptions
    .filter(({ encap }) => encap !== undefined)
    .map(({ time, origlen, caplen, interfaceId, encap, md5, comments }) =>
      [keptTime(time), origlen, caplen, interfaceId ?? 0, encap, md5, comments].join(' '),
    );
}

/** The time a tap keeps: 0 for none, and the last that 64 bits of nanoseconds hold (in 2554) for a later one. */
function keptTime(time: string): string {
  if (time === '') return epochText(0n);
  const [seconds, fraction] = time.split('.');
  const tsNs = BigInt(seconds!) * 1_000_000_000n + BigInt(fraction!);
  return tsNs > LAST_NS ? epochText(LAST_NS) : time;
}

function group(
  name: string,
  files: readonly CorpusFile[],
  describe: (files: readonly CorpusFile[]) => Promise<string[]>,
): CorpusGroup {
  return {
    name,
    paths: files.map(({ path }) => path),
    expected: async () => attribute(files, await describe(files)),
  };
}

/** Says of each line which file it is from, and that there are as many as the index counts. */
function attribute(files: readonly CorpusFile[], lines: readonly string[]): ExpectedPacket[] {
  const owners = files.flatMap(({ path, packets }) => Array<string>(packets ?? 0).fill(path));
  if (owners.length !== lines.length)
    throw new Error(`the index counts ${owners.length} packets, tshark ${lines.length}: ${files[0]!.path} and on`);
  return lines.map((line, at) => ({ path: owners[at]!, line }));
}

async function describeClassic(files: readonly CorpusFile[]): Promise<string[]> {
  const merged = await output('mergecap', ['-a', '-I', 'none', '-w', '-', ...files.map(({ path }) => path)]);
  const descriptions = await describeCapture(merged);
  const odd = oddTimes(files);
  return comparable(
    // Each file became an interface of the merged capture; in its own it has the only one.
    descriptions.map((each, at) => ({ ...each, interfaceId: 0, time: odd.get(at) ?? each.time })),
  );
}

async function describePcapng(files: readonly CorpusFile[]): Promise<string[]> {
  const plain = ({ path, kind }: CorpusFile) =>
    kind === 'valid-gz' ? gunzipSync(readFileSync(path)) : readFileSync(path);
  return comparable(await describeCapture(Buffer.concat(files.map(plain))));
}

/** The times of the files with fractions that mergecap can't keep, by number of packet in the group. */
function oddTimes(files: readonly CorpusFile[]): Map<number, string> {
  const times = new Map<number, string>();
  let first = 0;
  for (const { path, packets, notes } of files) {
    const records = notes.includes('frac-overflow') ? readClassicPcap(path).records : [];
    for (const [at, { tsNs }] of records.entries()) times.set(first + at, epochText(tsNs));
    first += packets ?? 0;
  }
  return times;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
