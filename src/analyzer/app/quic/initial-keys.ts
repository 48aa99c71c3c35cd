// Takes the protection off Initial packets (RFC 9001, section 5). Their keys follow from the connection id that the client
// chose for the server, which is in clear: they hide nothing, but prove that a packet is QUIC and came unchanged.

import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { Direction } from '../app-types.js';
import type { QuicHeader } from './quic-header.js';
import { type InitialSecrets, initialSecrets } from './quic-version.js';

interface PacketKeys {
  readonly key: Buffer;
  readonly iv: Buffer;
  /** Header protection. */
  readonly hp: Buffer;
}

const SECRET_BYTES = 32;
const KEY_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const SAMPLE_BYTES = 16;
/** The sample is taken as if the packet number had its longest form. */
const MAX_NUMBER_BYTES = 4;

/** The keys of one connection: for both sides, and for each version, as a server may answer in another (RFC 9368). */
export class InitialKeys {
  readonly #clientsChoice: Uint8Array;
  readonly #known = new Map<string, PacketKeys>();

  /** `dcid`: where the client's first packet went, or its first one after a Retry. Copied. */
  constructor(dcid: Uint8Array) {
    // Not Buffer.from(), whose shared pages would stay for the few bytes of each flow.
    this.#clientsChoice = Uint8Array.from(dcid);
  }

  /** The frames of the packet at the beginning of `bytes`. Undefined: these are not its keys, or it was changed. */
  open(bytes: Uint8Array, { version, payloadAt, end }: QuicHeader, direction: number): Uint8Array | undefined {
    const sampleAt = payloadAt + MAX_NUMBER_BYTES;
    const secrets = initialSecrets(version);
    if (secrets === undefined || end < sampleAt + SAMPLE_BYTES) return undefined;
    const keys = this.#keys(version, secrets, direction);
    const mask = headerMask(keys.hp, bytes.subarray(sampleAt, sampleAt + SAMPLE_BYTES));
    const packet = Buffer.from(bytes.subarray(0, end));
    packet[0]! ^= mask[0]! & 0x0f;
    const numberBytes = (packet[0]! & 3) + 1;
    for (let i = 0; i < numberBytes; i++) packet[payloadAt + i]! ^= mask[1 + i]!;
    return decrypt(keys, packet, payloadAt, numberBytes);
  }

  #keys(version: number, secrets: InitialSecrets, direction: number): PacketKeys {
    const name = `${version} ${direction}`;
    const keys = this.#known.get(name) ?? deriveKeys(this.#clientsChoice, secrets, direction);
    this.#known.set(name, keys);
    return keys;
  }
}

function deriveKeys(dcid: Uint8Array, { salt, labelPrefix }: InitialSecrets, direction: number): PacketKeys {
  const initial = createHmac('sha256', salt).update(dcid).digest();
  const secret = expandLabel(initial, direction === Direction.toServer ? 'client in' : 'server in', SECRET_BYTES);
  const part = (label: string, bytes: number) => expandLabel(secret, `${labelPrefix}${label}`, bytes);
  return { key: part('key', KEY_BYTES), iv: part('iv', IV_BYTES), hp: part('hp', KEY_BYTES) };
}

/** HKDF-Expand-Label (RFC 8446, section 7.1), of which one block of HKDF-Expand is enough here: RFC 5869, section 2.3. */
function expandLabel(secret: Buffer, label: string, bytes: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([Buffer.from([0, bytes, name.length]), name, Buffer.from([0])]);
  return createHmac('sha256', secret)
    .update(info)
    .update(Buffer.from([1]))
    .digest()
    .subarray(0, bytes);
}

function headerMask(hp: Buffer, sample: Uint8Array): Buffer {
  return createCipheriv('aes-128-ecb', hp, null).setAutoPadding(false).update(sample);
}

/** A first packet's number is so small that it is written whole. */
function decrypt(keys: PacketKeys, packet: Buffer, numberAt: number, numberBytes: number): Uint8Array | undefined {
  const from = numberAt + numberBytes;
  const nonce = Buffer.from(keys.iv);
  for (let i = 0; i < numberBytes; i++) nonce[IV_BYTES - numberBytes + i]! ^= packet[numberAt + i]!;
  const decipher = createDecipheriv('aes-128-gcm', keys.key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(packet.subarray(0, from)).setAuthTag(packet.subarray(packet.length - TAG_BYTES));
  const frames = decipher.update(packet.subarray(from, packet.length - TAG_BYTES));
  try {
    decipher.final();
    return frames;
  } catch {
    return undefined;
  }
}
