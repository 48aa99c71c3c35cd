// Memory for flows: records of 152 bytes in two buffers that double as flows come, so that a flow costs no object and the
// garbage collector sees none of them. Layout and growth only; what the fields mean to each other is FlowTable's.

/** Index that stands for "no record". */
export const NO_FLOW = -1;

/** Words of the part that packets touch: two cache lines. */
export const RECORD_WORDS = 32;
export const RECORD_FLOATS = RECORD_WORDS / 2;

/**
 * 32-bit words of a record. In its first 64 bytes lies what tells whose a packet is, if that is IPv4, and the state; in the
 * next 64 the sums.
 */
export const Word = {
  /** Protocol, IP version and tunnel depth: {@link FlowKey.kind}. */
  kind: 0,
  /** Client's port in the high half, server's in the low. */
  ports: 1,
  vlans: 2,
  tcpState: 3,
  flowState: 4,
  /** {@link PayloadBit} bits. */
  payload: 5,
  /** For TCP: flags seen from the client. For ICMP: the first type and code, plus one. */
  toServerFlags: 6,
  /** The same from the server. */
  toClientFlags: 7,
  endNsec: 8,
  hash: 9,
  /** TCP: the first sequence number of the client's bytes, once its SYN was seen. */
  clientSeq: 12,
  /** TCP: that of the server's bytes. */
  serverSeq: 13,
  /** First words of the client's address and the server's, then second ones, and so on: four words each. */
  addresses: 14,
  /** Neighbours in the list of the record's timeout class; `older` of a free record: the next free one. */
  older: 30,
  newer: 31,
} as const;

/** 64-bit floats of a record: whole numbers that 32 bits may not hold. They lie in words 10 and 11, and 22 to 29. */
export const Float = {
  endSec: 5,
  pktsToServer: 11,
  bytesToServer: 12,
  pktsToClient: 13,
  bytesToClient: 14,
} as const;

const BEGINNING_WORDS = 6;
const BEGINNING_FLOATS = BEGINNING_WORDS / 2;

/** Words of the part that only a flow's beginning and its end touch. */
export const Beginning = { nsec: 2, interfaceIndex: 3, serial: 4 } as const;

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
  /** Of all records, one behind the other; another array once the store has grown. For loops over many packets. */
  words: Uint32Array;
  /** The same memory. */
  floats: Float64Array;
  readonly #maxFlows: number;
  #beginnings: Uint32Array;
  #startSecs: Float64Array;
  #capacity: number;
  #used = 0;
  #free = NO_FLOW;

  constructor(maxFlows: number) {
    this.#maxFlows = maxFlows;
    this.#capacity = Math.min(FIRST_CAPACITY, maxFlows);
    this.words = new Uint32Array(this.#capacity * RECORD_WORDS);
    this.floats = new Float64Array(this.words.buffer);
    this.#beginnings = new Uint32Array(this.#capacity * BEGINNING_WORDS);
    this.#startSecs = new Float64Array(this.#beginnings.buffer);
  }

  /** Records that fit without growing. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Bytes that the records take. */
  get bytes(): number {
    return this.words.byteLength + this.#beginnings.byteLength;
  }

  word(flow: number, word: number): number {
    return this.words[flow * RECORD_WORDS + word]!;
  }

  setWord(flow: number, word: number, value: number): void {
    this.words[flow * RECORD_WORDS + word] = value;
  }

  /** A word that holds the index of a record. */
  link(flow: number, word: number): number {
    return this.words[flow * RECORD_WORDS + word]! | 0;
  }

  float(flow: number, float: number): number {
    return this.floats[flow * RECORD_FLOATS + float]!;
  }

  setFloat(flow: number, float: number, value: number): void {
    this.floats[flow * RECORD_FLOATS + float] = value;
  }

  /** A word of {@link Beginning}. */
  beginning(flow: number, word: number): number {
    return this.#beginnings[flow * BEGINNING_WORDS + word]!;
  }

  startSec(flow: number): number {
    return this.#startSecs[flow * BEGINNING_FLOATS]!;
  }

  setBeginning(flow: number, sec: number, nsec: number, interfaceIndex: number, serial: number): void {
    const at = flow * BEGINNING_WORDS;
    this.#startSecs[flow * BEGINNING_FLOATS] = sec;
    this.#beginnings[at + Beginning.nsec] = nsec;
    this.#beginnings[at + Beginning.interfaceIndex] = interfaceIndex;
    this.#beginnings[at + Beginning.serial] = serial;
  }

  /** A record with all fields 0, or NO_FLOW if there are as many as may be. */
  take(): number {
    if (this.#free !== NO_FLOW) return this.#reuse();
    if (this.#used === this.#capacity && !this.#grow()) return NO_FLOW;
    return this.#used++;
  }

  /** Gives a record back. */
  release(flow: number): void {
    this.setWord(flow, Word.older, this.#free);
    this.#free = flow;
  }

  #reuse(): number {
    const flow = this.#free;
    this.#free = this.link(flow, Word.older);
    this.words.fill(0, flow * RECORD_WORDS, (flow + 1) * RECORD_WORDS);
    return flow;
  }

  #grow(): boolean {
    if (this.#capacity >= this.#maxFlows) return false;
    this.#capacity = Math.min(2 * this.#capacity, this.#maxFlows);
    this.words = grown(this.words, this.#capacity * RECORD_WORDS);
    this.floats = new Float64Array(this.words.buffer);
    this.#beginnings = grown(this.#beginnings, this.#capacity * BEGINNING_WORDS);
    this.#startSecs = new Float64Array(this.#beginnings.buffer);
    return true;
  }
}

function grown(words: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length);
  larger.set(words);
  return larger;
}
