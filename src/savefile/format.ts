// Which savefile formats we write, and which one a target gets when nobody says.

/** `pcapng` keeps everything a tap knows; `pcap` is for readers that know nothing newer. */
export type SavefileFormat = 'pcap' | 'pcapng';

/** The format users of tcpdump and dumpcap expect: `.pcap` is pcap, everything else (`-` too) is pcapng. */
export function formatOf(target: string): SavefileFormat {
  return target.toLowerCase().endsWith('.pcap') ? 'pcap' : 'pcapng';
}
