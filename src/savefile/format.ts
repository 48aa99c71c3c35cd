// Which savefile formats we write, and which one a target gets when nobody says. The names are those of editcap's -F.

/** `pcapng` keeps everything a tap knows. Classic pcap is for readers that know nothing newer: `pcap` has microseconds,
 * as editcap and tcpdump write it, `nsecpcap` nanoseconds, which libpcap reads since 2013. */
export type SavefileFormat = 'pcapng' | 'pcap' | 'nsecpcap';

/** What the bytes of a savefile go through. gzip is RFC 1952. */
export type Compression = 'none' | 'gzip';

const GZIP = /\.gz$/i;

/**
 * The format that a target's name asks for: `.pcap` (and `.pcap.gz`) is classic pcap, everything else (`-` too) pcapng.
 * With nanoseconds, as dumpcap writes it: a name alone is no reason to lose digits of a timestamp.
 */
export function formatOf(target: string): SavefileFormat {
  return /\.pcap$/i.test(target.replace(GZIP, '')) ? 'nsecpcap' : 'pcapng';
}

/** The compression that a target's name asks for: gzip for `.gz`. */
export function compressionOf(target: string): Compression {
  return GZIP.test(target) ? 'gzip' : 'none';
}
