// Frames that carry neither IP nor ARP: who sent them to whom, and what they are.

import { formatMac } from '../packet/address.js';
import type { Layers } from '../packet/layers.js';
import { Linktype } from '../packet/linktype.js';
import type { PacketView } from '../packet/packet-view.js';

/** Up to this value an EtherType field is the length of an 802.3 frame. */
const MAX_8023_LENGTH = 1500;

const NAMES: Readonly<Record<number, string>> = {
  34827: 'PPP',
  34887: 'MPLS unicast',
  34888: 'MPLS multicast',
  34915: 'PPPoE D',
  34916: 'PPPoE S',
  34958: 'EAPOL',
  33011: 'Appletalk ARP',
  32923: 'Appletalk',
  33079: 'IPX',
  34825: 'Slow Protocols',
  34978: 'AoE',
  35020: 'LLDP',
  35074: 'CFM',
  35151: 'NSH',
  36864: 'Loopback',
};

/** The frame's head. The length is the frame's, or the one that an 802.3 header gives. */
export function etherTypeText(packet: PacketView, layers: Layers): string {
  const type = layers.etherType;
  const ends = packet.linktype === Linktype.ethernet ? `${formatMac(packet, 6)} > ${formatMac(packet, 0)}, ` : '';
  if (type <= MAX_8023_LENGTH) return `${ends}802.3, length ${type}`;
  const hex = type.toString(16).padStart(4, '0');
  return `${ends}ethertype ${NAMES[type] ?? 'Unknown'} (0x${hex}), length ${packet.origlen}`;
}
