// The writer for a format.

import type { InterfaceInfo } from '../packet/interface.js';
import type { SavefileFormat } from './format.js';
import { PcapWriter } from './pcap/writer.js';
import type { SavefileOrigin } from './pcapng/section-header.js';
import { PcapngWriter } from './pcapng/writer.js';
import type { SavefileWriter } from './writer.js';

/** What decides how packets are encoded. */
export interface SavefileOptions {
  readonly format: SavefileFormat;
  /** The tap's interface table, the live array itself: the writer describes interfaces as they appear in it. */
  readonly interfaces: readonly InterfaceInfo[];
  /** pcapng only: what its sections say of where they come from. */
  readonly origin?: SavefileOrigin;
}

/** A writer of that format, at the beginning of a savefile. */
export function createWriter({ format, interfaces, origin }: SavefileOptions): SavefileWriter {
  if (format === 'pcapng') return new PcapngWriter(interfaces, origin);
  return new PcapWriter(interfaces, { nanoseconds: format === 'nsecpcap' });
}
