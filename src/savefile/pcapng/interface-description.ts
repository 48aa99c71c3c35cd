// The block that describes an interface. Packets refer to it by its place in the section, so the blocks stand in the
// order of the tap's interface table, idle interfaces too. Source: draft-ietf-opsawg-pcapng, section 4.2.

import { SavefileError } from '../../errors.js';
import type { InterfaceInfo } from '../../packet/interface.js';
import { BlockType, frame } from './block.js';
import { encodeOptions, type Option, textOption } from './options.js';

const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TSRESOL = 9;
const IF_FILTER = 11;
const IF_OS = 12;
const IF_FCSLEN = 13;

/** Timestamps count units of 10^-9 s. */
const NANOSECONDS = 9;
/** An if_filter value begins with a byte that says what follows: 0 is the text of a libpcap filter. */
const FILTER_IS_TEXT = '\0';
const MAX_LINKTYPE = 0xffff;

/** An interface description block. Throws ERR_TAP_UNWRITABLE for a linktype that does not fit its 16 bits. */
export function interfaceDescription(info: InterfaceInfo): Uint8Array {
  if (info.linktype > MAX_LINKTYPE)
    throw new SavefileError(
      'ERR_TAP_UNWRITABLE',
      `pcapng has 16 bits for a linktype: linktype=${info.linktype}; write pcap: -w x.pcap`,
    );
  const options = encodeOptions(optionsOf(info));
  const body = new Uint8Array(8 + options.length);
  const view = new DataView(body.buffer);
  view.setUint16(0, info.linktype, true);
  view.setUint32(4, info.snaplen, true);
  body.set(options, 8);
  return frame(BlockType.interfaceDescription, body);
}

function optionsOf(info: InterfaceInfo): Option[] {
  return [
    ...textOption(IF_NAME, info.name),
    ...textOption(IF_DESCRIPTION, info.description),
    { code: IF_TSRESOL, value: Uint8Array.of(NANOSECONDS) },
    ...textOption(IF_FILTER, info.filter === undefined ? undefined : FILTER_IS_TEXT + info.filter),
    ...textOption(IF_OS, info.os),
    // The draft says bits and gives 4 as its example; everybody, Wireshark included, writes and reads bytes.
    ...(info.fcslen === undefined ? [] : [{ code: IF_FCSLEN, value: Uint8Array.of(info.fcslen) }]),
  ];
}
