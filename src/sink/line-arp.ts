// ARP (RFC 826) and Reverse ARP (RFC 903) as text.

import { formatIPv4, formatMac } from '../packet/address.js';
import type { Layers } from '../packet/layers.js';
import { EtherType } from '../packet/link-layer.js';
import type { PacketView } from '../packet/packet-view.js';

const FIXED_PART = 8;
const IPV4_BYTES = 4;

/** An ARP packet at `layers.l3Offset`. */
export function arpText(packet: PacketView, layers: Layers): string {
  const at = layers.l3Offset;
  if (at + FIXED_PART > packet.caplen) return ' [|arp]';
  const hardwareBytes = packet.u8(at + 4);
  const protocolBytes = packet.u8(at + 5);
  if (at + FIXED_PART + 2 * (hardwareBytes + protocolBytes) > packet.caplen) return ' [|arp]';
  const length = packet.origlen - at;
  const isIpv4 = packet.u16(at + 2) === EtherType.ipv4 && protocolBytes === IPV4_BYTES && hardwareBytes > 0;
  if (!isIpv4) return `ARP, hardware (len ${hardwareBytes}), protocol (len ${protocolBytes}), length ${length}`;
  return `ARP, ${operationText(packet, at, hardwareBytes)}, length ${length}`;
}

function operationText(packet: PacketView, at: number, hardwareBytes: number): string {
  const senderHardware = at + FIXED_PART;
  const senderAddress = senderHardware + hardwareBytes;
  const targetHardware = senderAddress + IPV4_BYTES;
  const targetAddress = targetHardware + hardwareBytes;
  const mac = (offset: number) => formatMac(packet, offset, hardwareBytes);
  switch (packet.u16(at + 6)) {
    case 1:
      return `Request who-has ${formatIPv4(packet, targetAddress)}${
        isZero(packet, targetHardware, hardwareBytes) ? '' : ` (${mac(targetHardware)})`
      } tell ${formatIPv4(packet, senderAddress)}`;
    case 2:
      return `Reply ${formatIPv4(packet, senderAddress)} is-at ${mac(senderHardware)}`;
    case 3:
      return `Reverse Request who-is ${mac(targetHardware)} tell ${mac(senderHardware)}`;
    case 4:
      return `Reverse Reply ${mac(targetHardware)} at ${formatIPv4(packet, targetAddress)}`;
    default:
      return `Unknown (${packet.u16(at + 6)})`;
  }
}

function isZero(packet: PacketView, offset: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (packet.u8(offset + i) !== 0) return false;
  return true;
}
