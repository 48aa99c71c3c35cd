// ICMP (RFC 792) as text. Errors tell of the packet that caused them as far as it was captured.

import { formatIPv4 } from '../packet/address.js';
import { NONE } from '../packet/layer-codes.js';
import type { Layers } from '../packet/layers.js';
import type { PacketView } from '../packet/packet-view.js';

const NAMES: Readonly<Record<number, string>> = {
  4: 'source quench',
  9: 'router advertisement',
  10: 'router solicitation',
  15: 'information request',
  16: 'information reply',
  17: 'address mask request',
};

/** Codes of "destination unreachable" that need no more than the address; %s stands for it. */
const UNREACHABLE: Readonly<Record<number, string>> = {
  0: 'net %s unreachable',
  1: 'host %s unreachable',
  5: '%s unreachable - source route failed',
  6: 'net %s unreachable - unknown',
  7: 'host %s unreachable - unknown',
  8: '%s unreachable - source host isolated',
  9: 'net %s unreachable - admin prohibited',
  10: 'host %s unreachable - admin prohibited',
  11: 'net %s unreachable - tos prohibited',
  12: 'host %s unreachable - tos prohibited',
  13: 'host %s unreachable - admin prohibited filter',
  14: 'host %s unreachable - host precedence violation',
  15: 'host %s unreachable - precedence cutoff',
};

/** The message at `layers.l4Offset`. */
export function icmpText(packet: PacketView, layers: Layers): string {
  const message = layers.icmpType === NONE ? undefined : messageText(packet, layers);
  return message === undefined ? ' [|icmp]' : `ICMP ${message}, length ${layers.l4Length}`;
}

/** What the message says; undefined if it ends too early to tell. */
function messageText(packet: PacketView, layers: Layers): string | undefined {
  const { icmpType: type, icmpCode: code } = layers;
  if (type === 0 || type === 8)
    return identifiedText(packet, layers, type === 8 ? 'echo request,' : 'echo reply,', ',');
  if (type === 13) return identifiedText(packet, layers, 'time stamp query', '');
  if (type === 14) return identifiedText(packet, layers, 'time stamp reply', '');
  if (type === 3 || type === 5 || type === 11) return errorText(packet, layers);
  if (type === 12) return code === 0 ? parameterText(packet, layers) : `parameter problem - code ${code}`;
  return NAMES[type] ?? `type-#${type}`;
}

function identifiedText(packet: PacketView, layers: Layers, what: string, comma: string): string | undefined {
  const at = layers.l4Offset;
  if (at + 8 > layers.end) return undefined;
  return `${what} id ${packet.u16(at + 4)}${comma} seq ${packet.u16(at + 6)}`;
}

function parameterText(packet: PacketView, layers: Layers): string | undefined {
  const at = layers.l4Offset + 4;
  return at < layers.end ? `parameter problem - octet ${packet.u8(at)}` : undefined;
}

function errorText(packet: PacketView, layers: Layers): string | undefined {
  const { icmpType: type, icmpCode: code } = layers;
  const inner = layers.l4Offset + 8;
  if (inner + 20 > layers.end) return undefined;
  if (type === 3) return unreachableText(packet, layers, inner);
  if (type === 5) return redirectText(packet, layers, inner);
  if (code === 0) return 'time exceeded in-transit';
  return code === 1 ? 'ip reassembly time exceeded' : `time exceeded-#${code}`;
}

function unreachableText(packet: PacketView, layers: Layers, inner: number): string | undefined {
  const code = layers.icmpCode;
  const dest = formatIPv4(packet, inner + 16);
  if (code === 2) return `${dest} protocol ${packet.u8(inner + 9)} unreachable`;
  if (code === 3) return portText(packet, layers, inner);
  if (code === 4) return `${dest} unreachable - need to frag${mtuText(packet.u16(layers.l4Offset + 6))}`;
  return UNREACHABLE[code]?.replace('%s', dest) ?? `#${code} ${dest} unreachable`;
}

function mtuText(mtu: number): string {
  return mtu === 0 ? '' : ` (mtu ${mtu})`;
}

function portText(packet: PacketView, layers: Layers, inner: number): string | undefined {
  const ports = inner + (packet.u8(inner) & 15) * 4;
  if (ports + 4 > layers.end) return undefined;
  const dest = formatIPv4(packet, inner + 16);
  const protocol = packet.u8(inner + 9);
  const port = packet.u16(ports + 2);
  if (protocol === 6) return `${dest} tcp port ${port} unreachable`;
  if (protocol === 17) return `${dest} udp port ${port} unreachable`;
  return `${dest} protocol ${protocol} port ${port} unreachable`;
}

const REDIRECTS = ['redirect %s to net', 'redirect %s to host', 'redirect-tos %s to net', 'redirect-tos %s to host'];

function redirectText(packet: PacketView, layers: Layers, inner: number): string {
  const words = REDIRECTS[layers.icmpCode] ?? `redirect-#${layers.icmpCode} %s to net`;
  return `${words.replace('%s', formatIPv4(packet, inner + 16))} ${formatIPv4(packet, layers.l4Offset + 4)}`;
}
