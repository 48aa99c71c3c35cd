// What is known of the place that packets came from. One tap has one or many: `packet.interface` names it.

/** Who gave the packets of an interface their timestamps. */
export type TimestampSource = 'kernel' | 'adapter' | 'userspace' | 'savefile';

/** One capture interface: a live device, or an interface of a savefile (pcapng IDB; a classic pcap has exactly one). */
export interface InterfaceInfo {
  /** Its index in the ring's interface table; `packet.interfaceIndex` refers to it. */
  readonly index: number;
  /** LINKTYPE_* number of its packets (https://www.tcpdump.org/linktypes.html), never a DLT_*. */
  readonly linktype: number;
  /** Largest caplen it delivers, in bytes; 0: not limited. */
  readonly snaplen: number;
  /** The pcapng section it belongs to, from 0; interfaces of one section follow each other. 0 for a live device. */
  readonly section: number;
  readonly timestampSource: TimestampSource;
  /** Device name, or the savefile's if_name (option 2). */
  readonly name?: string;
  /** The savefile's if_description (option 3), or the device's. */
  readonly description?: string;
  /** The capture filter in libpcap's language (pcapng if_filter, option 11). */
  readonly filter?: string;
  /** Operating system of the capturing machine (pcapng if_os, option 12). */
  readonly os?: string;
  /** Bytes of frame check sequence at each packet's end (pcapng if_fcslen, option 13; the FCS bits of a classic pcap). */
  readonly fcslen?: number;
}
