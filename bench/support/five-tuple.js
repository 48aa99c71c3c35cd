// What each JavaScript peer has to find out about each packet: addresses, ports and protocol, folded into one running sum
// that depends on every packet and on their order. Peers whose sums differ from the generator's have skipped work.

/** EtherType of IPv4 (IANA, IEEE 802 Numbers). */
export const IPV4 = 0x0800;
/** Bytes of an Ethernet header without a VLAN tag. */
export const ETHERNET_BYTES = 14;
export const TCP = 6;
export const UDP = 17;

/**
 * The sum with one more packet in it.
 *
 * @param {number} sum
 * @param {number} source IPv4 address
 * @param {number} destination IPv4 address
 * @param {number} sourcePort
 * @param {number} destinationPort
 * @param {number} protocol
 */
export function fold(sum, source, destination, sourcePort, destinationPort, protocol) {
  const ends = Math.imul(source, 0x01000193) ^ Math.imul(destination, 0x85ebca6b);
  const ports = (sourcePort << 16) | destinationPort;
  return (Math.imul(sum, 31) + (ends ^ Math.imul(ports, 0xc2b2ae35)) + protocol) | 0;
}

/**
 * For peers that give a packet as bytes. Indexing is the fastest way that a Buffer offers.
 *
 * @param {number} sum
 * @param {Uint8Array} bytes an Ethernet frame
 */
export function foldBytes(sum, bytes) {
  if (bytes.length < ETHERNET_BYTES + 20 || ((bytes[12] << 8) | bytes[13]) !== IPV4) return sum;
  const protocol = bytes[23];
  const at = ETHERNET_BYTES + (bytes[14] & 15) * 4;
  if ((protocol !== TCP && protocol !== UDP) || bytes.length < at + 4) return sum;
  const source = (bytes[26] << 24) | (bytes[27] << 16) | (bytes[28] << 8) | bytes[29];
  const destination = (bytes[30] << 24) | (bytes[31] << 16) | (bytes[32] << 8) | bytes[33];
  const sourcePort = (bytes[at] << 8) | bytes[at + 1];
  const destinationPort = (bytes[at + 2] << 8) | bytes[at + 3];
  return fold(sum, source, destination, sourcePort, destinationPort, protocol);
}

/**
 * For pkttap's consumers, the way its users write it.
 *
 * @param {number} sum
 * @param {import('pkttap').PacketView} packet an Ethernet frame
 */
export function foldView(sum, packet) {
  if (packet.caplen < ETHERNET_BYTES + 20 || packet.u16(12) !== IPV4) return sum;
  const protocol = packet.u8(23);
  const at = ETHERNET_BYTES + (packet.u8(14) & 15) * 4;
  if ((protocol !== TCP && protocol !== UDP) || packet.caplen < at + 4) return sum;
  return fold(sum, packet.u32(26), packet.u32(30), packet.u16(at), packet.u16(at + 2), protocol);
}
