// The flow hash as docs/layout.md defines it, computed a second time, as plainly as can be.

const PORTED = [6, 17, 132];
const VLAN_TYPES = [0x8100, 0x88a8, 0x9100];
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;

/** Of the packet's outermost IP header; 0: not IP. */
export function expectedFlowHash(packet: Uint8Array, linktype: number): number {
  const ip = ipOf(packet, linktype);
  if (ip === undefined || ip.length === 0) return 0;
  if (ip[0]! >> 4 === 4) return ip.length < 20 ? 0 : hashIpv4(ip);
  if (ip[0]! >> 4 === 6) return ip.length < 40 ? 0 : hashIpv6(ip);
  return 0;
}

function ipOf(packet: Uint8Array, linktype: number): Uint8Array | undefined {
  if (linktype === 1) return behindEthertype(packet, 12);
  if (linktype === 113) return behindEthertype(packet, 14);
  if (linktype === 276) {
    const isIp = packet.length >= 20 && [ETHERTYPE_IPV4, ETHERTYPE_IPV6].includes(u16(packet, 0));
    return isIp ? packet.subarray(20) : undefined;
  }
  if (linktype === 0 || linktype === 108) return packet.subarray(4);
  return [12, 14, 101, 228, 229].includes(linktype) ? packet : undefined;
}

function behindEthertype(packet: Uint8Array, at: number): Uint8Array | undefined {
  if (at + 2 > packet.length) return undefined;
  const type = u16(packet, at);
  if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) return packet.subarray(at + 2);
  return VLAN_TYPES.includes(type) ? behindEthertype(packet, at + 4) : undefined;
}

function hashIpv4(ip: Uint8Array): number {
  const headerBytes = (ip[0]! & 15) * 4;
  const isFragment = (u16(ip, 6) & 0x3fff) !== 0;
  const ports = !isFragment && headerBytes >= 20 ? portsAt(ip, headerBytes, ip[9]!) : [0, 0];
  return combine([u32(ip, 12), u32(ip, 16)], ports, ip[9]!);
}

function hashIpv6(ip: Uint8Array): number {
  let protocol = ip[6]!;
  let at = 40;
  while ([0, 43, 60].includes(protocol) && at + 2 <= ip.length) {
    protocol = ip[at]!;
    at += (ip[at + 1]! + 1) * 8;
  }
  const isFragment = protocol === 44 && at < ip.length;
  if (isFragment) protocol = ip[at]!;
  const ports = isFragment ? [0, 0] : portsAt(ip, at, protocol);
  return combine([fold(ip.subarray(8, 24)), fold(ip.subarray(24, 40))], ports, protocol);
}

function portsAt(ip: Uint8Array, at: number, protocol: number): number[] {
  return PORTED.includes(protocol) && at + 4 <= ip.length ? [u16(ip, at), u16(ip, at + 2)] : [0, 0];
}

function fold(address: Uint8Array): number {
  return [4, 8, 12].reduce((folded, at) => Math.imul(folded, 0x01000193) ^ u32(address, at), u32(address, 0));
}

function combine(addresses: readonly number[], ports: readonly number[], protocol: number): number {
  const [a, b] = addresses.map((address, i) => mix(address ^ Math.imul(ports[i]!, 0x9e3779b1)));
  return mix((a! + b! + protocol) | 0) || 1;
}

function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0;
}
