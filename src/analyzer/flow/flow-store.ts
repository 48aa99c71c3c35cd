// Memory for flows: records of 152 bytes in one buffer that doubles as flows come, so that a flow costs no object and the
// garbage collector sees none of them. Layout and growth only; what the fields mean to each other is FlowTable's.

/** Index that stands for "no record". */
export const NO_FLOW = -1;

/**
 * 32-bit words of a record. What most packets touch lies in its first 128 bytes; what only its beginning and its end do,
 * behind them.
 */
export const Word = {
  /** Next record in the same hash bucket, or the next free record. */
  chain: 0,
  hash: 1,
  /** Neighbours in the list of the record's timeout class. */
  older: 2,
  newer: 3,
  /** Client's address, then server's, four words each. */
  addresses: 4,
  /** Client's port in the high half, server's in the low. */
  ports: 12,
  /** Protocol, IP version and tunnel depth: {@link FlowKey.kind}. */
  kind: 13,
  vlans: 14,
  tcpState: 15,
  endNsec: 26,
  /** For TCP: flags seen from the client. For ICMP: the first type and code, plus one. */
  toServerFlags: 27,
  /** The same from the server. */
  toClientFlags: 28,
  flowState: 29,
  /** {@link PayloadBit} bits. */
  payload: 30,
  /** TCP: the first sequence number of the client's bytes, once its SYN was seen. */
  clientSeq: 31,
  /** TCP: that of the server's bytes. */
  serverSeq: 34,
  startNsec: 35,
  interfaceIndex: 36,
  serial: 37,
} as const;

const RECORD_WORDS = 38;
const RECORD_FLOATS = RECORD_WORDS / 2;

/** 64-bit floats of a record: whole numbers that 32 bits may not hold. They lie in words 16 to 25, 32 and 33. */
export const Float = {
  endSec: 8,
  pktsToServer: 9,
  pktsToClient: 10,
  bytesToServer: 11,
  bytesToClient: 12,
  startSec: 16,
} as const;

/** What is known of a flow's payload, as bits of a word. */
export const PayloadBit = {
  /** TCP: the client's SYN was seen, and so its bytes can be put in order. */
  clientSyn: 1,
  /** TCP: the server's SYN was seen. */
  serverSyn: 2,
  /** Nobody looks at its payload any more. */
  done: 4,
} as const;

const FIRST_CAPACITY = 1024;

/** The records, by index. */
export class FlowStore {
  readonly #maxFlows: number;
  #words: Uint32Array;
  #floats: Float64Array;
  #capacity: number;
  #used = 0;
  #free = NO_FLOW;

  constructor(maxFlows: number) {
    this.#maxFlows = maxFlows;
    this.#capacity = Math.min(FIRST_CAPACITY, maxFlows);
    this.#words = new Uint32Array(this.#capacity * RECORD_WORDS);
    this.#floats = new Float64Array(this.#words.buffer);
  }

  /** Records that fit without growing. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Bytes that the records take. */
  get bytes(): number {
    return this.#words.byteLength;
  }

  word(flow: number, word: number): number {
    return this.#words[flow * RECORD_WORDS + word]!;
  }

  setWord(flow: number, word: number, value: number): void {
    this.#words[flow * RECORD_WORDS + word] = value;
  }

  /** A word that holds the index of a record. */
  link(flow: number, word: number): number {
    return this.#words[flow * RECORD_WORDS + word]! | 0;
  }

  float(flow: number, float: number): number {
    return this.#floats[flow * RECORD_FLOATS + float]!;
  }

  setFloat(flow: number, float: number, value: number): void {
    this.#floats[flow * RECORD_FLOATS + float] = value;
  }

  /** A record with all fields 0, or NO_FLOW if there are as many as may be. */
  take(): number {
    if (this.#free !== NO_FLOW) return this.#reuse();
    if (this.#used === this.#capacity && !this.#grow()) return NO_FLOW;
    return this.#used++;
  }

  /** Gives a record back. */
  release(flow: number): void {
    this.setWord(flow, Word.chain, this.#free);
    this.#free = flow;
  }

  #reuse(): number {
    const flow = this.#free;
    this.#free = this.link(flow, Word.chain);
    this.#words.fill(0, flow * RECORD_WORDS, (flow + 1) * RECORD_WORDS);
    return flow;
  }

  #grow(): boolean {
    if (this.#capacity >= this.#maxFlows) return false;
    this.#capacity = Math.min(2 * this.#capacity, this.#maxFlows);
    const words = new Uint32Array(this.#capacity * RECORD_WORDS);
    words.set(this.#words);
    this.#words = words;
    this.#floats = new Float64Array(words.buffer);
    return true;
  }
}
