// The writer for a format.

import type { InterfaceInfo } from '../packet/interface.js';
import type { SavefileFormat } from './format.js';
import { PcapWriter } from './pcap/writer.js';
import { PcapngWriter } from './pcapng/writer.js';
import type { SavefileWriter } from './writer.js';

/** What decides how packets are encoded. */
export interface SavefileOptions {
  readonly format: SavefileFormat;
  /** The tap's interface table, the live array itself: the writer describes interfaces as they appear in it. */
  readonly interfaces: readonly InterfaceInfo[];
  /** pcap only: fractions of a second in nanoseconds (the default) or microseconds. */
  readonly nanoseconds?: boolean;
}

/** A writer of that format, at the beginning of a savefile. */
export function createWriter({ format, interfaces, nanoseconds = true }: SavefileOptions): SavefileWriter {
  return format === 'pcap' ? new PcapWriter(interfaces, { nanoseconds }) : new PcapngWriter(interfaces);
}
