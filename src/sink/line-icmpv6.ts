// ICMPv6 (RFC 4443), neighbour discovery (RFC 4861) and multicast listener discovery (RFC 2710, 3810) as text.

import { formatIPv6 } from '../packet/address.js';
import { NONE } from '../packet/layer-codes.js';
import type { Layers } from '../packet/layers.js';
import type { PacketView } from '../packet/packet-view.js';
import { IpProtocol } from '../packet/transport-layer.js';

const NAMES: Readonly<Record<number, string>> = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded in-transit',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  130: 'multicast listener query',
  131: 'multicast listener report',
  132: 'multicast listener done',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbor solicitation',
  136: 'neighbor advertisement',
  137: 'redirect',
  143: 'multicast listener report v2',
};

const UNREACHABLE = ['route', 'prohibited', 'beyond scope', 'address', 'port'];
const PORT_UNREACHABLE = 4;

/** The message at `layers.l4Offset`. */
export function icmpv6Text(packet: PacketView, layers: Layers): string {
  const { icmpType: type } = layers;
  if (type === NONE) return ' [|icmp6]';
  const name = NAMES[type] ?? `unknown icmp6 type (${type})`;
  return `ICMP6, ${name}${detailText(packet, layers)}, length ${layers.l4Length}`;
}

/** What else the message says, as far as it was captured; empty for messages that say no more here. */
function detailText(packet: PacketView, layers: Layers): string {
  const { icmpType: type, icmpCode: code, l4Offset: at } = layers;
  const holds = (length: number) => at + length <= layers.end;
  if (type === 1)
    return `, unreachable ${UNREACHABLE[code] ?? `code (${code})`}${holds(52) ? causeText(packet, layers) : ''}`;
  if (type === 2 && holds(8)) return `, mtu ${packet.u32(at + 4)}`;
  if ((type === 128 || type === 129) && holds(8)) return `, id ${packet.u16(at + 4)}, seq ${packet.u16(at + 6)}`;
  if (type === 3 && code === 0 && holds(48)) return ` for ${formatIPv6(packet, at + 8 + 24)}`;
  if (type === 135 && holds(24)) return `, who has ${formatIPv6(packet, at + 8)}`;
  if (type === 136 && holds(24)) return `, tgt is ${formatIPv6(packet, at + 8)}`;
  if (type === 143 && holds(8)) return `, ${packet.u16(at + 6)} group record(s)`;
  return '';
}

/** Where the packet wanted to go that could not be delivered; it follows the message's eight bytes. */
function causeText(packet: PacketView, layers: Layers): string {
  const inner = layers.l4Offset + 8;
  const dest = formatIPv6(packet, inner + 24);
  if (layers.icmpCode !== PORT_UNREACHABLE) return ` ${dest}`;
  const protocol = packet.u8(inner + 6);
  if (protocol !== IpProtocol.tcp && protocol !== IpProtocol.udp) return `, ${dest}`;
  return `, ${dest} ${protocol === IpProtocol.tcp ? 'tcp' : 'udp'} port ${packet.u16(inner + 42)}`;
}
