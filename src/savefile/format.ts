// Which savefile formats we write, and which one a target gets when nobody says. The names are those of editcap's -F.

/** `pcapng` keeps everything a tap knows. Classic pcap is for readers that know nothing newer: `pcap` has microseconds,
 * as editcap and tcpdump write it, `nsecpcap` nanoseconds, which libpcap reads since 2013. */
export type SavefileFormat = 'pcapng' | 'pcap' | 'nsecpcap';

/** What the bytes of a savefile go through. gzip is RFC 1952, zstd RFC 8878. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** What stands behind a format's extension, as in `.pcap.gz`. */
export const COMPRESSED = /\.(gz|zst)$/i;

/**
 * The format that a target's name asks for: `.pcap` (and `.pcap.gz`, `.pcap.zst`) is classic pcap, everything else (`-` too) pcapng.
 * With nanoseconds, as dumpcap writes it: a name alone is no reason to lose digits of a timestamp.
 */
export function formatOf(target: string): SavefileFormat {
  return /\.pcap$/i.test(target.replace(COMPRESSED, '')) ? 'nsecpcap' : 'pcapng';
}

/** The compression that a target's name asks for: gzip for `.gz`, zstd for `.zst`. */
export function compressionOf(target: string): Compression {
  const extension = COMPRESSED.exec(target)?.[1]?.toLowerCase();
  if (extension === undefined) return 'none';
  return extension === 'gz' ? 'gzip' : 'zstd';
}
