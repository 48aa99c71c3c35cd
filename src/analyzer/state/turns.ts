// Who of several analyzers, each with a share of the same packets, may use what they have in common: always the one whose
// packet came first. So they leave the same in it as one analyzer of all packets would, however many they are. Each tells
// how far it has come; whoever needs a turn waits until the others have come as far. The one that is furthest behind
// waits for nobody, so somebody always goes on.
//
// An analyzer that waits stops its thread. Others may be asleep for want of packets: they are asked how far they are. Where
// packets are lost to those that are slow, nobody waits for long: one that is far behind must not blind the others.

import type { Policy } from '../../index.js';
import type { PacketTime } from '../eve/time.js';

/**
 * Places are numbers of 64 bits. A packet's is made of its sequence, and of how far it has been looked into: one that lies
 * around others may be several analyzers'. That of a packet of the tap's successor is larger.
 */
const TAP_SHIFT = 48n;
const STEP_BITS = 5n;
const LAST_STEP = 31;
/** Then come flows that end because no more packets come, in the order in which they began. */
const FINISH = 1n << 63n;
/** Beyond all. */
const DONE = (1n << 64n) - 1n;

/** An analyzer tells where it is at every so-manieth packet, and when it is asked: to find out costs as much as a packet. */
const PACKETS_PER_PLACE = 32;

/** How long to sleep until another is asked again. */
const ASK_AGAIN_MS = 1;

/** How long to wait for another that is behind, where packets are lost meanwhile. */
const LOSSY_PATIENCE_MS = 100;

/** For each analyzer its place; for each, the time of its last packet; for each, how often it was asked; and how often any answered. */
const PLACE_BYTES = 8;
const TIME_BYTES = 16;
const ASKED_BYTES = 4;

/** A packet, as far as its place goes. */
interface Placed {
  readonly sequence: bigint;
  isIntact(): boolean;
}

/** How far a consumer is. */
export interface Progress {
  /** Undefined: it can't be told. */
  readonly nextSequence: bigint | undefined;
  /** How often the tap was exchanged for another. */
  readonly gaps: number;
  /** Whether the tap waits for it. */
  readonly policy: Policy;
}

/** Atomics.waitAsync (ECMAScript 2024), which the compiler's library of this level doesn't have. */
interface AsyncAtomics {
  waitAsync(words: Int32Array, index: number, value: number): { readonly value: Promise<string> | string };
}

/** Memory for the turns of so many analyzers. */
export function makeTurnsMemory(of: number): SharedArrayBuffer {
  return new SharedArrayBuffer(of * (PLACE_BYTES + TIME_BYTES + ASKED_BYTES) + ASKED_BYTES);
}

/** Nobody waits any more, or for long, for an analyzer whose thread has ended; `index`: from 1. */
export function leaveTurns(memory: SharedArrayBuffer, index: number): void {
  Atomics.store(new BigUint64Array(memory, 0, index), index - 1, DONE);
}

/** One analyzer's part in it. */
export class Turns {
  readonly #places: BigUint64Array;
  /** Seconds and nanoseconds. */
  readonly #times: Float64Array;
  readonly #asked: Int32Array;
  readonly #of: number;
  readonly #index: number;
  #tap = 0n;
  #packet: Placed | undefined;
  #packets = 0;
  #answered = 0;
  #step = 0;
  #reached = 0n;
  #finishing: bigint | undefined;
  #isOrdered = true;
  #patienceMs = Infinity;
  /** Others that were waited for in vain, until they come as far. */
  readonly #outrun = new Set<number>();

  /** Analyzer number `index`, from 1, `of` so many. */
  constructor(memory: SharedArrayBuffer, index: number, of: number) {
    this.#places = new BigUint64Array(memory, 0, of);
    this.#times = new Float64Array(memory, of * PLACE_BYTES, 2 * of);
    this.#asked = new Int32Array(memory, of * (PLACE_BYTES + TIME_BYTES));
    this.#index = index - 1;
    this.#of = of;
  }

  /** This packet is being looked at, and those before it have been. */
  begin(packet: Placed): void {
    if (this.#of === 1) return;
    this.#packet = packet;
    this.#step = 0;
    if (this.#packets++ % PACKETS_PER_PLACE === 0 || this.#isAsked) this.#reach(this.#place());
  }

  /** The next of those steps is taken in which all analyzers look into a packet. */
  next(): void {
    if (this.#step < LAST_STEP) this.#step++;
  }

  /** No more packets come. Waits until none come to any of the others either, and gives the time of the last one of all. */
  meet(last: PacketTime): PacketTime {
    this.#times.set([last.sec, last.nsec], 2 * this.#index);
    this.#reach(FINISH);
    let latest = last;
    for (let other = 0; other < this.#of; other++) {
      this.#until(other, () => Atomics.load(this.#places, other) >= FINISH);
      const [sec, nsec] = [this.#times[2 * other]!, this.#times[2 * other + 1]!];
      if (sec > latest.sec || (sec === latest.sec && nsec > latest.nsec)) latest = { sec, nsec };
    }
    return latest;
  }

  /** After {@link Turns.meet}: a flow is ended that began at this time. Must be called in the order of these times. */
  finish(startSec: number, startNsec: number): void {
    if (this.#of === 1) return;
    this.#finishing = FINISH + BigInt.asUintN(62, BigInt(startSec) * 1_000_000_000n + BigInt(startNsec));
    this.#reach(this.#finishing);
  }

  /** All is done. */
  leave(): void {
    Atomics.store(this.#places, this.#index, DONE);
  }

  /** Waits until no other analyzer can come before the packet that is being looked at. */
  wait(): void {
    if (this.#of === 1 || !this.#isOrdered) return;
    const place = this.#place();
    this.#reach(place);
    for (let other = 0; other < this.#of; other++) {
      if (other !== this.#index) this.#waitFor(other, place);
    }
  }

  /**
   * To be called before each batch: all packets before the next one have been looked at. Where several threads capture,
   * packets have no order that could be kept: then turns are taken as they come.
   */
  tell({ nextSequence, gaps, policy }: Progress): void {
    this.#patienceMs = policy === 'lossless' ? Infinity : LOSSY_PATIENCE_MS;
    this.#isOrdered = nextSequence !== undefined;
    this.#tap = BigInt(gaps) << TAP_SHIFT;
    if (nextSequence !== undefined) this.#reach(this.#tap + (nextSequence << STEP_BITS));
  }

  /** Answers others that ask, whenever this thread does nothing else, as long as it lives. */
  async answer(look: () => Progress): Promise<never> {
    for (;;) {
      const asked = Atomics.load(this.#asked, this.#index);
      this.tell(look());
      await (Atomics as unknown as AsyncAtomics).waitAsync(this.#asked, this.#index, asked).value;
    }
  }

  #waitFor(other: number, place: bigint): void {
    const isThere = () => !this.#isBefore(other, place);
    if (this.#outrun.has(other) ? isThere() : this.#until(other, isThere, this.#patienceMs)) this.#outrun.delete(other);
    else this.#outrun.add(other);
  }

  /** Should two come to the same place, the first of them comes first. */
  #isBefore(other: number, place: bigint): boolean {
    const at = Atomics.load(this.#places, other);
    return other < this.#index ? at <= place : at < place;
  }

  /**
   * Asks another until it is where it is waited for. False: the patience was at its end. ORDERING: the count of answers is loaded before the place, partner: its
   * increment after the place's store. So an answer that comes before the sleep makes that end at once.
   */
  #until(other: number, isThere: () => boolean, patienceMs = Infinity): boolean {
    for (const endMs = performance.now() + patienceMs; ; ) {
      const answers = Atomics.load(this.#asked, this.#of);
      if (isThere()) return true;
      if (performance.now() > endMs) return false;
      Atomics.add(this.#asked, other, 1);
      Atomics.notify(this.#asked, other);
      Atomics.wait(this.#asked, this.#of, answers, ASK_AGAIN_MS);
    }
  }

  get #isAsked(): boolean {
    return Atomics.load(this.#asked, this.#index) !== this.#answered;
  }

  #place(): bigint {
    if (this.#finishing !== undefined) return this.#finishing;
    const sequence = this.#packet?.sequence ?? 0n;
    // Of a packet that was overwritten the number may be anything.
    if (!this.#packet?.isIntact()) return this.#reached;
    return this.#tap + (sequence << STEP_BITS) + BigInt(this.#step);
  }

  /**
   * Tells where this one is. Who asked is woken only when there is something new, or the two would wake each other for nothing.
   * ORDERING: sequentially consistent, partner: the load in isBefore and meet. What was done in the table, and the time of
   * the last packet, come before it.
   */
  #reach(place: bigint): void {
    if (place <= this.#reached) return;
    this.#reached = place;
    Atomics.store(this.#places, this.#index, place);
    if (!this.#isAsked) return;
    this.#answered = Atomics.load(this.#asked, this.#index);
    Atomics.add(this.#asked, this.#of, 1);
    Atomics.notify(this.#asked, this.#of);
  }
}
