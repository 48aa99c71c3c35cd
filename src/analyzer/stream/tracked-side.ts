// One side of a tracked connection: a reused object that looks at eight words of the tracker's memory.

/** Words of a side. */
export const SIDE_WORDS = 8;

const Word = { isn: 0, nextSeq: 1, lastAck: 2, nextWin: 3, window: 4, timestamp: 5, timestampSec: 6, bits: 7 } as const;

/** Bits of a side's last word; its low byte is the window scale. */
export const SideBit = {
  hasTimestamp: 0x100,
  /** Its last segment asked whether the other side is still there. */
  keepAlive: 0x200,
  /** Its timestamp was 0, and no other has come. */
  zeroTimestamp: 0x400,
} as const;

/** What is known of a sender: its sequence numbers, what of it was acknowledged, and how much it may send. */
export class TrackedSide {
  #words: Uint32Array = new Uint32Array(SIDE_WORDS);
  #at = 0;

  /** Looks at other words. */
  moveTo(words: Uint32Array, at: number): void {
    this.#words = words;
    this.#at = at;
  }

  /** Its first sequence number. */
  get isn(): number {
    return this.#get(Word.isn);
  }
  set isn(value: number) {
    this.#set(Word.isn, value);
  }

  /** The number that its next new byte will have. */
  get nextSeq(): number {
    return this.#get(Word.nextSeq);
  }
  set nextSeq(value: number) {
    this.#set(Word.nextSeq, value);
  }

  /** What the other side has acknowledged. */
  get lastAck(): number {
    return this.#get(Word.lastAck);
  }
  set lastAck(value: number) {
    this.#set(Word.lastAck, value);
  }

  /** The number up to which it may send. */
  get nextWin(): number {
    return this.#get(Word.nextWin);
  }
  set nextWin(value: number) {
    this.#set(Word.nextWin, value);
  }

  /** Bytes that the other side has room for. */
  get window(): number {
    return this.#get(Word.window);
  }
  set window(value: number) {
    this.#set(Word.window, value);
  }

  /** Its last timestamp, if it has one. */
  get timestamp(): number {
    return this.#get(Word.timestamp);
  }
  set timestamp(value: number) {
    this.#set(Word.timestamp, value);
  }

  /** When that was captured. */
  get timestampSec(): number {
    return this.#get(Word.timestampSec);
  }
  set timestampSec(value: number) {
    this.#set(Word.timestampSec, value);
  }

  /** By how many bits the windows that the other side announces are shifted. */
  get scale(): number {
    return this.#get(Word.bits) & 0xff;
  }
  set scale(value: number) {
    this.#set(Word.bits, (this.#get(Word.bits) & ~0xff) | value);
  }

  has(bit: number): boolean {
    return (this.#get(Word.bits) & bit) !== 0;
  }

  mark(bit: number, on = true): void {
    const bits = this.#get(Word.bits);
    this.#set(Word.bits, on ? bits | bit : bits & ~bit);
  }

  #get(word: number): number {
    return this.#words[this.#at + word]!;
  }

  #set(word: number, value: number): void {
    this.#words[this.#at + word] = value;
  }
}
