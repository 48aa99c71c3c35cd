// Savefiles put together field by field, right or wrong on purpose: for tests of their reader. Each function gives bytes;
// concatenated they are a file.

/** Byte order of a file or section. */
export type Endian = 'little' | 'big';

type Field = readonly ['u16' | 'u32' | 'u64', number | bigint] | Uint8Array;

/** Fields one after the other. */
export function fields(endian: Endian, ...list: readonly Field[]): Buffer {
  return Buffer.concat(list.map((field) => (field instanceof Uint8Array ? field : number(endian, ...field))));
}

function number(endian: Endian, kind: 'u16' | 'u32' | 'u64', value: number | bigint): Buffer {
  const bytes = Buffer.alloc({ u16: 2, u32: 4, u64: 8 }[kind]);
  if (kind === 'u64') bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  else bytes.writeUIntLE(Number(value), 0, bytes.length);
  return endian === 'little' ? bytes : bytes.reverse();
}

export interface PcapHeader {
  readonly endian?: Endian;
  readonly magic?: number;
  readonly major?: number;
  readonly minor?: number;
  readonly linktype?: number;
}

/** The 24 bytes before the records. Default: microseconds, version 2.4, Ethernet. */
export function pcapHeader(header: PcapHeader = {}): Buffer {
  const { endian = 'little', magic = 0xa1b2c3d4, major = 2, minor = 4, linktype = 1 } = header;
  const version = [['u16', major] as const, ['u16', minor] as const];
  return fields(endian, ['u32', magic], ...version, ['u32', 0], ['u32', 0], ['u32', 65_535], ['u32', linktype]);
}

export interface PcapRecord {
  readonly endian?: Endian;
  readonly seconds?: number;
  readonly fraction?: number;
  readonly data?: Uint8Array;
  /** Default: what they must be. */
  readonly caplen?: number;
  readonly origlen?: number;
  /** Bytes after the header that only the modified format has. */
  readonly extra?: number;
}

export function pcapRecord(record: PcapRecord = {}): Buffer {
  const { endian = 'little', seconds = 1, fraction = 2, data = new Uint8Array(60), extra = 0 } = record;
  const { caplen = data.length, origlen = data.length } = record;
  const lengths = [['u32', caplen] as const, ['u32', origlen] as const];
  return fields(endian, ['u32', seconds], ['u32', fraction], ...lengths, Buffer.alloc(extra), data);
}

/** A pcapng block around a body, which is padded to 4. The lengths before and after it can be forged. */
export function block(endian: Endian, type: number, body: Uint8Array, length?: number, trailer = length): Buffer {
  const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
  const right = padded.length + 12;
  return fields(endian, ['u32', type], ['u32', length ?? right], padded, ['u32', trailer ?? right]);
}

/** A pcapng option, padded to 4. */
export function option(endian: Endian, code: number, value: Uint8Array): Buffer {
  return fields(endian, ['u16', code], ['u16', value.length], value, Buffer.alloc(-value.length & 3));
}

export function sectionHeader(endian: Endian, { major = 1, minor = 0 } = {}): Buffer {
  const version = [['u16', major] as const, ['u16', minor] as const];
  return block(endian, 0x0a0d0d0a, fields(endian, ['u32', 0x1a2b3c4d], ...version, ['u64', -1n]));
}

export interface InterfaceFields {
  readonly linktype?: number;
  readonly snaplen?: number;
  readonly options?: readonly Uint8Array[];
}

export function interfaceDescription(endian: Endian, description: InterfaceFields = {}): Buffer {
  const { linktype = 1, snaplen = 0, options = [] } = description;
  return block(endian, 1, fields(endian, ['u16', linktype], ['u16', 0], ['u32', snaplen], ...options));
}

export interface PacketBlock {
  readonly interfaceId?: number;
  readonly ticks?: bigint;
  readonly data?: Uint8Array;
  readonly caplen?: number;
  readonly origlen?: number;
  readonly options?: readonly Uint8Array[];
}

/** An Enhanced Packet Block, or with `type` 2 the obsolete Packet Block, whose interface is shorter. */
export function packetBlock(endian: Endian, packet: PacketBlock = {}, type: 6 | 2 = 6): Buffer {
  const { interfaceId = 0, ticks = 0n, data = new Uint8Array(60), options = [] } = packet;
  const { caplen = data.length, origlen = data.length } = packet;
  const from: Field[] =
    type === 6
      ? [['u32', interfaceId]]
      : [
          ['u16', interfaceId],
          ['u16', 0],
        ];
  const time: Field[] = [
    ['u32', ticks >> 32n],
    ['u32', ticks & 0xffff_ffffn],
  ];
  const padding = Buffer.alloc(-data.length & 3);
  const body = fields(endian, ...from, ...time, ['u32', caplen], ['u32', origlen], data, padding, ...options);
  return block(endian, type, body);
}

export function simplePacket(endian: Endian, data: Uint8Array, origlen = data.length): Buffer {
  return block(endian, 3, fields(endian, ['u32', origlen], data));
}
