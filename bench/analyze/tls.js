// Connections of TLS: half of them version 1.2 with the server's certificate in clear (RFC 5246), half version 1.3 (RFC 8446),
// then encrypted data, most of it from the server.

import { certificates } from './certificates.js';
import { noise, word } from './words.js';

const Content = { changeCipherSpec: 20, handshake: 22, data: 23 };
const Handshake = { clientHello: 1, serverHello: 2, certificate: 11, serverHelloDone: 14, clientKeyExchange: 16 };
const Extension = { serverName: 0, groups: 10, formats: 11, signatures: 13, alpn: 16, versions: 43, keyShare: 51 };
const CIPHERS = [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0x009c, 0x009d];
const V12 = 0x0303;
const V13 = 0x0304;

/** @param {(below: number) => number} random @returns {Iterable<import('./conversation.js').Message>} */
export function* tlsMessages(random) {
  const isNew = random(2) === 0;
  yield { from: 0, bytes: handshake(clientHello(random)) };
  yield { from: 1, bytes: isNew ? newAnswer(random) : oldAnswer(random) };
  yield { from: 0, bytes: isNew ? finished(random, 52) : Buffer.concat([keyExchange(random), finished(random, 40)]) };
  if (!isNew) yield { from: 1, bytes: finished(random, 40) };
  for (let i = 1 + random(4); i > 0; i--) {
    yield { from: 0, bytes: record(Content.data, noise(random, 100 + random(900))) };
    yield { from: 1, bytes: record(Content.data, noise(random, 200 + random(16_000))) };
  }
}

/** @param {(below: number) => number} random */
function clientHello(random) {
  const name = Buffer.from(`${word(random)}.${word(random)}.example`);
  const extensions = [
    extension(Extension.serverName, sized(2, Buffer.concat([Buffer.from([0]), sized(2, name)]))),
    extension(Extension.groups, sized(2, words(0x001d, 0x0017, 0x0018))),
    extension(Extension.formats, Buffer.from([1, 0])),
    extension(Extension.signatures, sized(2, words(0x0403, 0x0804, 0x0401, 0x0503))),
    extension(
      Extension.alpn,
      sized(2, Buffer.concat([sized(1, Buffer.from('h2')), sized(1, Buffer.from('http/1.1'))])),
    ),
    extension(Extension.versions, sized(1, words(V13, V12))),
    extension(Extension.keyShare, sized(2, Buffer.concat([words(0x001d), sized(2, noise(random, 32))]))),
  ];
  const ciphers = sized(2, words(...CIPHERS));
  const head = [words(V12), noise(random, 32), sized(1, noise(random, 32)), ciphers, Buffer.from([1, 0])];
  return message(Handshake.clientHello, Buffer.concat([...head, sized(2, Buffer.concat(extensions))]));
}

/** @param {(below: number) => number} random */
function newAnswer(random) {
  const extensions = [
    extension(Extension.versions, words(V13)),
    extension(Extension.keyShare, Buffer.concat([words(0x001d), sized(2, noise(random, 32))])),
  ];
  const hello = serverHello(random, 0x1301, extensions);
  return Buffer.concat([handshake(hello), finished(random, 2500)]);
}

/** @param {(below: number) => number} random */
function oldAnswer(random) {
  const certificate = certificates[random(certificates.length)];
  const hello = serverHello(random, 0xc02f, [extension(Extension.formats, Buffer.from([1, 0]))]);
  const chain = message(Handshake.certificate, sized(3, sized(3, certificate)));
  return handshake(Buffer.concat([hello, chain, message(Handshake.serverHelloDone, Buffer.alloc(0))]));
}

/** @param {(below: number) => number} random @param {number} cipher @param {Buffer[]} extensions */
function serverHello(random, cipher, extensions) {
  const head = [words(V12), noise(random, 32), sized(1, noise(random, 32)), words(cipher), Buffer.from([0])];
  return message(Handshake.serverHello, Buffer.concat([...head, sized(2, Buffer.concat(extensions))]));
}

/** @param {(below: number) => number} random */
function keyExchange(random) {
  return handshake(message(Handshake.clientKeyExchange, sized(1, noise(random, 32))));
}

/** In version 1.2 that ends the handshake; in version 1.3 all that follows looks so. @param {(below: number) => number} random @param {number} bytes */
function finished(random, bytes) {
  const isOld = bytes === 40;
  const end = record(isOld ? Content.handshake : Content.data, noise(random, bytes));
  return Buffer.concat([record(Content.changeCipherSpec, Buffer.from([1])), end]);
}

/** @param {Uint8Array} bytes */
function handshake(bytes) {
  return record(Content.handshake, bytes);
}

/** @param {number} type @param {Uint8Array} bytes */
function record(type, bytes) {
  return Buffer.concat([Buffer.from([type]), words(V12), sized(2, bytes)]);
}

/** @param {number} type @param {Uint8Array} bytes */
function message(type, bytes) {
  return Buffer.concat([Buffer.from([type]), sized(3, bytes)]);
}

/** @param {number} type @param {Uint8Array} bytes */
function extension(type, bytes) {
  return Buffer.concat([words(type), sized(2, bytes)]);
}

/** Behind its length, in so many bytes. @param {number} lengthBytes @param {Uint8Array} bytes */
function sized(lengthBytes, bytes) {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(bytes.length, 0, lengthBytes);
  return Buffer.concat([length, bytes]);
}

/** @param {number[]} values of 16 bits each */
function words(...values) {
  return Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
}
