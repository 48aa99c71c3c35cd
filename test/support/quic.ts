// Packets of QUIC's handshake, made by hand: hellos, CRYPTO frames, and Initial packets under the protection of RFC 9001,
// section 5. What reads them is compared with the RFC's own samples as well.

import { createCipheriv, createHmac } from 'node:crypto';

const u16 = (value: number) => [(value >> 8) & 0xff, value & 0xff];
const u24 = (value: number) => [(value >> 16) & 0xff, ...u16(value)];
const sized = (bytes: readonly number[]) => [...u16(bytes.length), ...bytes];
const RANDOM = Array.from({ length: 32 }, (_, i) => i);

/** An extension of a hello. */
export const extension = (type: number, body: readonly number[]): number[] => [...u16(type), ...sized(body)];

/** The extension with a server's name. */
export const serverName = (name: string): number[] =>
  extension(0, sized([0, ...sized([...Buffer.from(name, 'latin1')])]));

/** A client's hello, as a handshake message. */
export function clientHello(extensions: readonly number[]): Buffer {
  const body = [3, 3, ...RANDOM, 0, ...sized([...u16(0x1301), ...u16(0x1302)]), 1, 0, ...sized(extensions)];
  return Buffer.from([1, ...u24(body.length), ...body]);
}

/** A server's hello that chooses TLS 1.3. */
export function serverHello(): Buffer {
  const body = [3, 3, ...RANDOM, 0, ...u16(0x1301), 0, ...sized(extension(43, u16(0x0304)))];
  return Buffer.from([2, ...u24(body.length), ...body]);
}

/** A number in QUIC's form of two or four bytes. */
export function varint(value: number): number[] {
  return value < 0x4000 ? u16(0x4000 + value) : [0x80 | (value >>> 24), ...u24(value & 0xffffff)];
}

/** A CRYPTO frame. */
export const cryptoFrame = (offset: number, bytes: Uint8Array): Buffer =>
  Buffer.from([6, ...varint(offset), ...varint(bytes.length), ...bytes]);

const SALTS: readonly (readonly [versions: readonly number[], salt: string])[] = [
  [[0xff000016, 0xfaceb001], '7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a'],
  [[0xff000017, 0xff00001b, 0xff00001c, 0xfaceb002], 'c3eef712c72ebb5a11a7d2432bb46365bef9f502'],
  [[0xff00001d, 0xff000020], 'afbfec289993d24c9e9786f19c6111e04390a899'],
  [[0xff000021, 0xff000022, 1], '38762cf7f55934b34d179ae6a4c80cadccbb7f0a'],
  [[0x6b3343cf], '0dede3def700a6db819381be6e269dcbf9bd2ed9'],
];
/** Versions that can be made. */
export const VERSIONS: readonly number[] = SALTS.flatMap(([versions]) => versions);
const VERSION_2 = 0x6b3343cf;

/** A packet to make. */
export interface InitialPacket {
  /** Default 1. */
  readonly version?: number;
  /** Of the packet. */
  readonly dcid: Uint8Array;
  readonly scid?: Uint8Array;
  readonly token?: Uint8Array;
  /** The id that the keys are made from; default: `dcid`. */
  readonly keyId?: Uint8Array;
  /** 0 (default) for the client's keys, 1 for the server's. */
  readonly direction?: number;
  readonly number?: number;
  /** Bytes of the packet number, 1 to 4 (default). */
  readonly numberBytes?: number;
  readonly frames: Uint8Array;
}

/** A protected Initial packet. */
export function initialPacket(options: InitialPacket): Buffer {
  const { version = 1, dcid, scid = new Uint8Array(0), token = new Uint8Array(0), keyId = dcid } = options;
  const { direction = 0, number = 0, numberBytes = 4, frames } = options;
  const keys = keysOf(version, keyId, direction);
  const type = version === VERSION_2 ? 0xd0 : 0xc0;
  const fields = [...u32(version), dcid.length, ...dcid, scid.length, ...scid, ...tokenField(token)];
  const head = [type + numberBytes - 1, ...fields, ...varint(numberBytes + frames.length + 16)];
  const header = Buffer.from([...head, ...u32(number).slice(4 - numberBytes)]);
  const nonce = Buffer.from(keys.iv);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ number) >>> 0, 8);
  const cipher = createCipheriv('aes-128-gcm', keys.key, nonce).setAAD(header);
  const packet = Buffer.concat([header, cipher.update(frames), cipher.final(), cipher.getAuthTag()]);
  return protectHeader(packet, keys.hp, head.length, numberBytes);
}

const u32 = (value: number) => [value >>> 24, ...u24(value & 0xffffff)];
const tokenField = (token: Uint8Array) => (token.length === 0 ? [0] : [...varint(token.length), ...token]);

function protectHeader(packet: Buffer, hp: Buffer, numberAt: number, numberBytes: number): Buffer {
  const sample = packet.subarray(numberAt + 4, numberAt + 20);
  const mask = createCipheriv('aes-128-ecb', hp, null).update(sample);
  packet[0]! ^= mask[0]! & 15;
  for (let i = 0; i < numberBytes; i++) packet[numberAt + i]! ^= mask[1 + i]!;
  return packet;
}

function keysOf(version: number, keyId: Uint8Array, direction: number) {
  const salt = Buffer.from(SALTS.find(([versions]) => versions.includes(version))![1], 'hex');
  const prefix = version === VERSION_2 ? 'quicv2' : 'quic';
  const initial = createHmac('sha256', salt).update(keyId).digest();
  const secret = expand(initial, direction === 0 ? 'client in' : 'server in', 32);
  const part = (label: string, bytes: number) => expand(secret, `${prefix} ${label}`, bytes);
  return { key: part('key', 16), iv: part('iv', 12), hp: part('hp', 16) };
}

function expand(secret: Buffer, label: string, bytes: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.from([0, bytes, name.length, ...name, 0, 1]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, bytes);
}

const STREAM_1 = [0xa0, 1];
const GOOGLE_NUMBER_AND_HASH = [0, 0, 0, 1, ...Array.from({ length: 12 }, () => 0)];
const u16le = (value: number) => [value & 0xff, value >> 8];

/** A packet of Google's QUIC with a client's hello of these tags: long header from Q044 on, public header before. */
export function googlePacket({ version, tags }: { version: string; tags: Record<string, string> }): Buffer {
  const name = [...Buffer.from(version)];
  const id = [1, 2, 3, 4, 5, 6, 7, 8];
  const first = version < 'Q046' ? 0xff : 0xc3;
  const header = version < 'Q044' ? [0x29, ...id, ...name] : [first, ...name, 0x50, ...id];
  const hello = googleHello(tags);
  return Buffer.from([...header, ...GOOGLE_NUMBER_AND_HASH, ...STREAM_1, ...sized(hello)]);
}

function googleHello(tags: Record<string, string>): number[] {
  const entries = Object.entries(tags);
  let end = 0;
  const index = entries.flatMap(([tag, value]) => {
    end += value.length;
    return [...Buffer.from(tag.padEnd(4, '\0')), ...u16le(end), 0, 0];
  });
  const values = entries.flatMap(([, value]) => [...Buffer.from(value)]);
  return [...Buffer.from('CHLO'), ...u16le(entries.length), 0, 0, ...index, ...values];
}
