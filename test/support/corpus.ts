// The folder of real captures beside the checkout, by its index. Tests that use it are skipped where it is absent, and
// say so: a suite that silently tests less looks like one that passes.

import { existsSync, readFileSync } from 'node:fs';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';

/** The folder, with a slash behind it. */
export const CORPUS_ROOT = fileURLToPath(new URL('../../../shared/corpora/', import.meta.url));
const INDEX = `${CORPUS_ROOT}index.tsv`;

/** One row of the index. */
export interface CorpusFile {
  /** valid, valid-gz, malformed, edge or foreign: what is expected of a reader. */
  readonly kind: string;
  /** Absolute. */
  readonly path: string;
  /** By magic, for example `pcap-le-us`, `pcapng-be`. */
  readonly format: string;
  /** Packets that capinfos counts; undefined where it refuses the file. */
  readonly packets: number | undefined;
  /** Packets that tcpdump reads before it stops; undefined where it refuses the file. */
  readonly tcpdumpPackets: number | undefined;
  /** Packets that a walk along the lengths finds, whatever else is wrong. */
  readonly walkPackets: number;
  /** tcpdump refuses it, or gives up in the middle. */
  readonly libpcapRefuses: boolean;
  readonly linktypes: readonly number[];
  readonly notes: readonly string[];
}

/** Whether the captures are there. Says so once per process when they are not. */
export const corpusPresent: boolean = existsSync(INDEX);
if (!corpusPresent) console.warn(`SKIPPED: tests over the capture corpus: no ${INDEX}`);

/** The files of one class, in the index's order. */
export function corpusFiles(kind: string): CorpusFile[] {
  if (!corpusPresent) return [];
  const lines = readFileSync(INDEX, 'utf8').split('\n').slice(1, -1);
  return lines.map(parseRow).filter((file) => file.kind === kind);
}

/** The valid files in classic pcap format, which tests read themselves: every `nth` of them, all under PKTTAP_FULL=1. */
export function classicFiles(nth = 1): CorpusFile[] {
  const classic = corpusFiles('valid').filter(({ format }) => /^pcap-..-.s$/.test(format));
  return classic.filter((_, at) => env.PKTTAP_FULL !== undefined || at % nth === 0);
}

function parseRow(line: string): CorpusFile {
  const columns = line.split('\t');
  const [kind, path, , format, packets, accepted, tcpdumpPackets, tcpdumpAccepted, walkPackets, linktypes, , notes] =
    columns;
  return {
    kind: kind!,
    path: CORPUS_ROOT + path!,
    format: format!,
    packets: accepted === 'yes' ? Number(packets) : undefined,
    tcpdumpPackets: tcpdumpPackets === '' ? undefined : Number(tcpdumpPackets),
    walkPackets: Number(walkPackets),
    libpcapRefuses: tcpdumpAccepted !== 'yes',
    linktypes: linktypes!.split('/').filter(Boolean).map(Number),
    notes: (notes ?? '').split(',').filter(Boolean),
  };
}
