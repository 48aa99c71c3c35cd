// Classic pcap, little-endian, for readers that know nothing newer. One linktype a file: a packet of another is refused.
// Interface names, directions and losses have no place in this format and are left out.

import { SavefileError } from '../../errors.js';
import type { InterfaceInfo } from '../../packet/interface.js';
import type { PacketView } from '../../packet/packet-view.js';
import { MAX_CAPLEN } from '../../packet/record.js';
import type { Destination, SavefileWriter } from '../writer.js';
import { fileHeader } from './file-header.js';
import { encodeRecord, RECORD_BYTES } from './record.js';

const NOTHING = new Uint8Array(0);
/** What the header of a file without any interface says. */
const ETHERNET = 1;

export class PcapWriter implements SavefileWriter {
  /** Never read: pcap has no way to say that packets are missing. */
  missed = 0;
  readonly #interfaces: readonly InterfaceInfo[];
  readonly #nanoseconds: boolean;
  /** The file's linktype; undefined until its header is written. */
  #linktype: number | undefined;
  /** The interface of the last packet, known to have the file's linktype. */
  #accepted = -1;

  /** `interfaces` is the tap's table: it may grow. Fractions of a second are nanoseconds by default, else microseconds. */
  constructor(interfaces: readonly InterfaceInfo[], options: { readonly nanoseconds?: boolean } = {}) {
    this.#interfaces = interfaces;
    this.#nanoseconds = options.nanoseconds ?? true;
  }

  /** Empty while no interface is known: the header names a linktype, so it waits for one. */
  header(): Uint8Array {
    const first = this.#interfaces[0];
    return first === undefined ? NOTHING : this.#begin(first.linktype);
  }

  preamble(packet: PacketView): Uint8Array | undefined {
    if (packet.interfaceIndex === this.#accepted) return undefined;
    const { index, linktype } = packet.interface;
    const header = this.#linktype === undefined ? this.#begin(linktype) : undefined;
    if (linktype !== this.#linktype) throw mixedLinktypes(linktype, this.#linktype);
    this.#accepted = index;
    return header;
  }

  encodedBytes(packet: PacketView): number {
    return RECORD_BYTES + packet.caplen;
  }

  encode(packet: PacketView, into: Destination, at: number): number {
    return encodeRecord(packet, this.#nanoseconds, into, at);
  }

  /** The header, if nothing asked for it before: a savefile without packets is still a savefile. */
  trailer(): Uint8Array {
    return this.#linktype === undefined ? this.#begin(this.#interfaces[0]?.linktype ?? ETHERNET) : NOTHING;
  }

  /**
   * The file's header, which fixes its linktype. Its snaplen is the largest of the interfaces known by now; a frame check
   * sequence is told if they agree on it.
   */
  #begin(linktype: number): Uint8Array {
    this.#linktype = linktype;
    const [fcslen, ...others] = new Set(this.#interfaces.map((each) => each.fcslen));
    const snaplen = Math.max(0, ...this.#interfaces.map((each) => each.snaplen || MAX_CAPLEN));
    const fcs = fcslen === undefined || others.length > 0 ? {} : { fcslen };
    return fileHeader({ linktype, snaplen: snaplen || MAX_CAPLEN, nanoseconds: this.#nanoseconds, ...fcs });
  }
}

function mixedLinktypes(linktype: number, first: number | undefined): SavefileError {
  return new SavefileError(
    'ERR_TAP_MIXED_LINKTYPES',
    `pcap holds one linktype per file: linktype=${linktype} after linktype=${first}; write pcapng: -w x.pcapng`,
  );
}
