// Headers made by hand for tests of what reads them: each function gives bytes, concatenated they are a packet.

/** Bytes from hexadecimal; blanks are ignored. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));
}

/** The parts one after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** An Ethernet header from 02:00:00:00:00:01 to 02:00:00:00:00:02. */
export function ethernet(etherType: number): Uint8Array {
  return concat(hex('020000000002 020000000001'), u16(etherType));
}

/** A VLAN tag (behind an EtherType that announces it), with the EtherType that follows. */
export function vlanTag(id: number, etherType: number): Uint8Array {
  return concat(u16(id), u16(etherType));
}

export interface Ipv4Fields {
  readonly src?: string;
  readonly dst?: string;
  readonly protocol?: number;
  /** The flags and fragment offset field as it stands. */
  readonly fragment?: number;
  /** Default: what it must be. */
  readonly totalLength?: number;
  /** Multiple of 4. */
  readonly options?: Uint8Array;
}

/** An IPv4 packet around a payload. */
export function ipv4(payload: Uint8Array, fields: Ipv4Fields = {}): Uint8Array {
  const { src = '10.0.0.1', dst = '10.0.0.2', protocol = 6, fragment = 0, options = new Uint8Array() } = fields;
  const headerLength = 20 + options.length;
  const { totalLength = headerLength + payload.length } = fields;
  const fixed = [0x40 | (headerLength / 4), 0, ...u16(totalLength), 0, 1, ...u16(fragment), 64, protocol, 0, 0];
  return concat(Uint8Array.from([...fixed, ...dotted(src), ...dotted(dst)]), options, payload);
}

/** An IPv6 packet from 2001:db8::1 to 2001:db8::2 around its extension headers and payload. */
export function ipv6(nextHeader: number, payload: Uint8Array, payloadLength = payload.length): Uint8Array {
  const addresses = hex('20010db8000000000000000000000001 20010db8000000000000000000000002');
  return concat(hex('60000000'), u16(payloadLength), Uint8Array.from([nextHeader, 64]), addresses, payload);
}

export interface TcpFields {
  readonly srcPort?: number;
  readonly dstPort?: number;
  readonly seq?: number;
  readonly ack?: number;
  readonly flags?: number;
  readonly window?: number;
  /** In words of four bytes; default 5. */
  readonly dataOffset?: number;
}

/** A TCP segment. */
export function tcp(fields: TcpFields = {}, payload: Uint8Array = new Uint8Array()): Uint8Array {
  const { srcPort = 1234, dstPort = 80, seq = 1, ack = 0, flags = 2, window = 64_240, dataOffset = 5 } = fields;
  const ends = concat(u16(srcPort), u16(dstPort), u32(seq), u32(ack));
  return concat(ends, Uint8Array.from([dataOffset << 4, flags]), u16(window), u32(0), payload);
}

/** A UDP datagram. */
export function udp(
  payload: Uint8Array = new Uint8Array(),
  { srcPort = 1234, dstPort = 53, length = 8 + payload.length } = {},
): Uint8Array {
  return concat(u16(srcPort), u16(dstPort), u16(length), u16(0), payload);
}

/** An ICMP message of either version: type, code, a zero checksum, and the rest. */
export function icmp(type: number, code: number, rest: Uint8Array): Uint8Array {
  return concat(Uint8Array.from([type, code, 0, 0]), rest);
}

/** Big-endian, as all numbers here. */
export function u16(value: number): Uint8Array {
  return Uint8Array.from([value >> 8, value & 255]);
}

export function u32(value: number): Uint8Array {
  return concat(u16(value >>> 16), u16(value & 0xffff));
}

function dotted(address: string): number[] {
  return address.split('.').map(Number);
}
