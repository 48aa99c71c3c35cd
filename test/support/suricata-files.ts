// The captures of the corpus on which Suricata can be asked.

import { env } from 'node:process';
import { readClassicPcap } from './classic-pcap.js';
import { type CorpusFile, classicFiles, corpusFiles } from './corpus.js';

/** Suricata hangs on a file of another link type, on one without a packet, and on what libpcap refuses. */
const READABLE_LINKTYPES = [0, 1, 9, 12, 14, 101, 104, 113, 228, 229];

/** Every `nth` of them, all under PKTTAP_FULL=1. */
export function suricataFiles(nth: number): string[] {
  return classicFiles()
    .filter(isReadable)
    .filter((_, at) => env.PKTTAP_FULL !== undefined || at % nth === 0)
    .map(({ path }) => path)
    .filter(isWhole);
}

/** The same of the captures in pcapng: the named ones, all under PKTTAP_FULL=1. */
export function suricataPcapngFiles(names: readonly string[]): string[] {
  return corpusFiles('valid')
    .filter((file) => file.format.startsWith('pcapng') && isReadable(file))
    .map(({ path }) => path)
    .filter((path) => env.PKTTAP_FULL !== undefined || names.some((name) => path.endsWith(name)));
}

function isReadable({ linktypes, packets = 0, libpcapRefuses }: CorpusFile): boolean {
  return packets > 0 && !libpcapRefuses && READABLE_LINKTYPES.includes(linktypes[0]!);
}

/** Suricata refuses packets that the capture cut, and libpcap cuts those above the file's snaplen. */
function isWhole(path: string): boolean {
  const { snaplen, records } = readClassicPcap(path);
  const most = snaplen === 0 ? Number.POSITIVE_INFINITY : snaplen;
  return records.every(({ caplen, origlen }) => caplen >= origlen && caplen <= most);
}
