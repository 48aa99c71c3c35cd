// QUIC over UDP. Only the first packets of a flow are looked at: those that bring the hellos, which are all that can be
// read. The flow is let go once both are known, or MAX_DATAGRAMS have passed: what comes then costs a look at one word.

import type { AppListener, AppProtocol, DatagramParser } from '../app-types.js';
import { Direction } from '../app-types.js';
import type { ByteRange } from '../byte-range.js';
import { readClientHello, readServerHello } from '../tls/tls-hello.js';
import { CryptoStream } from './crypto-stream.js';
import { readGoogleFrames } from './google-hello.js';
import { InitialKeys } from './initial-keys.js';
import { readFrames } from './quic-frames.js';
import { PacketType, type QuicHeader, readQuicHeader } from './quic-header.js';
import { QuicTransaction } from './quic-transaction.js';
import { googleVersion, initialSecrets } from './quic-version.js';

/** How many datagrams of a flow are looked at, in both directions together. */
const MAX_DATAGRAMS = 64;
/** How many packets of one datagram: an Initial is followed by few, and one byte could pretend to be one. */
const MAX_COALESCED = 8;
const MessageType = { clientHello: 1, serverHello: 2 } as const;

export class QuicParser implements DatagramParser {
  readonly protocol: AppProtocol = 'quic';
  readonly #listener: AppListener;
  /** Of each side whose hello is not whole yet. */
  readonly #streams: (CryptoStream | undefined)[] = [];
  readonly #hasHello = [false, false];
  #keys: InitialKeys | undefined;
  #datagrams = 0;
  #nextId = 0;

  constructor(listener: AppListener) {
    this.#listener = listener;
  }

  get done(): boolean {
    return (this.#hasHello[0]! && this.#hasHello[1]!) || this.#datagrams >= MAX_DATAGRAMS;
  }

  data(direction: number, datagram: ByteRange): void {
    if (this.done) return;
    this.#datagrams++;
    this.#datagram(direction, datagram.view());
    if (this.done) this.#forget();
  }

  #datagram(direction: number, bytes: Uint8Array): void {
    let rest = bytes;
    for (let i = 0; i < MAX_COALESCED && rest.length > 0; i++) {
      const header = readQuicHeader(rest);
      if (header === undefined || this.#hasHello[direction]!) return;
      if (!this.#packet(direction, rest, header)) return;
      rest = rest.subarray(header.end);
    }
  }

  /** Of a flow that goes on for long, nothing is left but that it is QUIC. */
  #forget(): void {
    this.#keys = undefined;
    this.#streams.length = 0;
  }

  /** False: what follows in the datagram is not worth the cost of decrypting it. */
  #packet(direction: number, bytes: Uint8Array, header: QuicHeader): boolean {
    if (header.type === PacketType.initial) return this.#initial(direction, bytes, header);
    if (header.type === PacketType.retry && direction === Direction.toClient) this.#startAgain();
    // What a client sends early, and what follows the hellos, can't be read and says nothing new.
    const isHidden = header.type === PacketType.zeroRtt || header.type === PacketType.handshake;
    if (!isHidden || this.#keys === undefined)
      this.#tell(new QuicTransaction(this.#nextId++, direction, header.version));
    return true;
  }

  /** The client sends its hello anew, to another connection id. */
  #startAgain(): void {
    this.#keys = undefined;
    this.#hasHello[Direction.toServer] = false;
    this.#streams[Direction.toServer] = undefined;
  }

  #initial(direction: number, bytes: Uint8Array, header: QuicHeader): boolean {
    const tx = new QuicTransaction(this.#nextId++, direction, header.version);
    const problem = this.#readInitial(tx, bytes, header);
    this.#tell(tx);
    if (problem !== undefined) this.#listener.anomaly('quic', problem, direction);
    return problem === undefined;
  }

  /** What was wrong with it, by Suricata's name. */
  #readInitial(tx: QuicTransaction, bytes: Uint8Array, header: QuicHeader): string | undefined {
    if (googleVersion(header.version) !== undefined) {
      const payload = bytes.subarray(header.payloadAt, header.end);
      return readGoogleFrames(payload, (tags) => tx.addGoogleHello(tags)) ? undefined : 'error_on_data';
    }
    const isAnswer = tx.sentBy === Direction.toClient;
    // An answer without its question may be whole, and so may what nobody knows the keys of.
    if ((isAnswer && this.#keys === undefined) || initialSecrets(header.version) === undefined) return undefined;
    const frames = this.#open(tx.sentBy, bytes, header);
    return frames === undefined ? 'failed_decrypt' : this.#readFrames(tx, frames);
  }

  /**
   * A client's packet that the keys don't fit may begin a connection of its own: a Retry that was not captured, or a first
   * packet that somebody else sent to mislead.
   */
  #open(direction: number, bytes: Uint8Array, header: QuicHeader): Uint8Array | undefined {
    const known = this.#keys?.open(bytes, header, direction);
    if (known !== undefined || direction === Direction.toClient) return known;
    const keys = new InitialKeys(header.dcid);
    const frames = keys.open(bytes, header, direction);
    if (frames === undefined) return undefined;
    this.#startAgain();
    this.#keys = keys;
    return frames;
  }

  #readFrames(tx: QuicTransaction, frames: Uint8Array): string | undefined {
    const stream = this.#streams[tx.sentBy] ?? new CryptoStream();
    this.#streams[tx.sentBy] = stream;
    let isBounded = true;
    const isWhole = readFrames(frames, (offset, bytes) => {
      isBounded = stream.add(offset, bytes) && isBounded;
    });
    if (!isWhole) return 'error_on_data';
    this.#takeHello(tx, stream);
    return isBounded ? undefined : 'crypto_frag_too_long';
  }

  #takeHello(tx: QuicTransaction, stream: CryptoStream): void {
    const message = stream.message();
    if (message === undefined) return;
    const isClient = tx.sentBy === Direction.toServer;
    if (message.type !== (isClient ? MessageType.clientHello : MessageType.serverHello)) return;
    const hello = isClient ? readClientHello(message.body) : readServerHello(message.body);
    if (hello === undefined) return;
    tx.setHello(hello);
    this.#hasHello[tx.sentBy] = true;
    this.#streams[tx.sentBy] = undefined;
  }

  #tell(tx: QuicTransaction): void {
    this.#listener.transaction(tx, tx.sentBy);
    this.#listener.finished(tx);
  }
}
