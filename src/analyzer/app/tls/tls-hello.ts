// The hellos of a TLS handshake (RFC 8446, section 4.1; RFC 5246, section 7.4.1): what fingerprints and events need of
// them. A hello that contradicts itself gives what was read before the contradiction is met.

import { ByteReader, readOrUndefined } from '../byte-reader.js';

/** A hello of either side; lists are in the order of the wire. Its bytes are views, valid as long as the message is. */
export interface TlsHello {
  /** As the hello's own field says, before extensions. */
  readonly version: number;
  /** 32 bytes. */
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  /** All that the client offers; the one that the server chose. */
  readonly ciphers: readonly number[];
  readonly extensions: number[];
  curves: readonly number[];
  pointFormats: readonly number[];
  signatureAlgorithms: readonly number[];
  /** Of the extension supported_versions: several from a client, one from a server. */
  supportedVersions: readonly number[];
  /** Application protocols that the client offers. */
  alpn: readonly string[];
  /** Server name, a character per byte; undefined without one. */
  sni: string | undefined;
  /** What is wrong with the server's name, by Suricata's name of the event. */
  problem: string | undefined;
}

/** Numbers of the extensions that are read. */
export const Extension = {
  serverName: 0,
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  alpn: 16,
  supportedVersions: 43,
} as const;

/** Reads a client's hello, the handshake header behind it; undefined: it is none. */
export function readClientHello(body: Uint8Array): TlsHello | undefined {
  return readOrUndefined(() => {
    const reader = new ByteReader(body);
    const version = reader.u16();
    const random = reader.take(RANDOM_BYTES);
    const sessionId = reader.take(reader.u8());
    const ciphers = reader.part(reader.u16()).u16List();
    reader.skip(reader.u8());
    return withExtensions(new Hello(version, random, sessionId, ciphers), reader, readClientExtension);
  });
}

/** Reads a server's hello. */
export function readServerHello(body: Uint8Array): TlsHello | undefined {
  return readOrUndefined(() => {
    const reader = new ByteReader(body);
    const version = reader.u16();
    const random = reader.take(RANDOM_BYTES);
    if (isDraft(version)) {
      const hello = new Hello(version, random, NOTHING, [reader.u16()]);
      return withExtensions(hello, reader, readServerExtension);
    }
    const sessionId = reader.take(reader.u8());
    const cipher = reader.u16();
    reader.u8();
    return withExtensions(new Hello(version, random, sessionId, [cipher]), reader, readServerExtension);
  });
}

const RANDOM_BYTES = 32;
const NOTHING = new Uint8Array(0);

/** Servers of TLS 1.3's drafts up to 21 sent neither session id nor compression method. */
function isDraft(version: number): boolean {
  return version >> 8 === 0x7f;
}

const NONE: readonly number[] = [];
const NO_PROTOCOLS: readonly string[] = [];

class Hello implements TlsHello {
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly ciphers: readonly number[];
  readonly extensions: number[] = [];
  curves = NONE;
  pointFormats = NONE;
  signatureAlgorithms = NONE;
  supportedVersions = NONE;
  alpn = NO_PROTOCOLS;
  sni: string | undefined;
  problem: string | undefined;

  constructor(version: number, random: Uint8Array, sessionId: Uint8Array, ciphers: readonly number[]) {
    this.version = version;
    this.random = random;
    this.sessionId = sessionId;
    this.ciphers = ciphers;
  }
}

type ReadExtension = (hello: TlsHello, type: number, body: ByteReader) => void;

function withExtensions(hello: TlsHello, reader: ByteReader, read: ReadExtension): TlsHello {
  try {
    if (reader.left < 2) return hello;
    const list = reader.part(reader.u16());
    while (list.left > 0) {
      const type = list.u16();
      const body = list.part(list.u16());
      hello.extensions.push(type);
      readExtension(hello, type, body, read);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return hello;
}

/** One that is cut within is passed over. */
function readExtension(hello: TlsHello, type: number, body: ByteReader, read: ReadExtension): void {
  try {
    read(hello, type, body);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

function readClientExtension(hello: TlsHello, type: number, body: ByteReader): void {
  if (type === Extension.serverName) readServerName(hello, body);
  else if (type === Extension.supportedGroups) hello.curves = body.part(body.u16()).u16List();
  else if (type === Extension.pointFormats) hello.pointFormats = body.part(body.u8()).u8List();
  else if (type === Extension.signatureAlgorithms) hello.signatureAlgorithms = body.part(body.u16()).u16List();
  else if (type === Extension.alpn) hello.alpn = readProtocols(body);
  else if (type === Extension.supportedVersions) hello.supportedVersions = body.part(body.u8()).u16List();
}

function readServerExtension(hello: TlsHello, type: number, body: ByteReader): void {
  if (type === Extension.supportedVersions) hello.supportedVersions = [body.u16()];
}

/** The first name; there is no other kind than host names. */
function readServerName(hello: TlsHello, body: ByteReader): void {
  if (body.left === 0) return;
  if (hello.extensions.indexOf(Extension.serverName) < hello.extensions.length - 1) {
    hello.problem = 'multiple_sni_extensions';
    return;
  }
  hello.problem = 'invalid_sni_length';
  const names = body.part(body.u16());
  const isHost = names.u8() === 0;
  const name = names.latin1(names.u16());
  hello.problem = isHost ? undefined : 'invalid_sni_type';
  if (isHost && name !== '') hello.sni = name;
}

function readProtocols(body: ByteReader): string[] {
  const list = body.part(body.u16());
  const protocols: string[] = [];
  while (list.left > 0) protocols.push(list.latin1(list.u8()));
  return protocols;
}
