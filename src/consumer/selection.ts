// Which packets a consumer wants of a ring: its share, the interfaces, the filter's programs, sampling and snaplen, over the native
// pass that applies them. A filter is a program per link type; until the program for a link type is here, its interfaces
// stay undecided and the ring's reader stops before their packets.

import { core, type NativeSelection } from '../native/core.js';
import { explain } from '../native/failure.js';
import type { InterfaceInfo } from '../packet/interface.js';
import { MAX_CAPLEN } from '../packet/record.js';
import type { RecordSelector } from '../ring/record-selector.js';

/** What a consumer chooses. Each is left out for "all". */
export interface Choices {
  /**
   * A part of the flows, whole and in both directions. A fixed share is number `index`, from 1, `of` so many: run one consumer
   * for each. A name joins the share group of that name: the tap gives each flow to exactly one of its members, and those of
   * a member that leaves to the others. Packets that are not IP are all in the first share, or one member's.
   */
  readonly share?: FixedShare | string;
  /** libpcap's language, pcap-filter(7): compiled by the tap, run here. It sees packets before snaplen cuts them. */
  readonly filter?: string;
  /** Names or indexes of interfaces; a packet of any of them will do. */
  readonly interfaces?: readonly (string | number)[];
  /** Hand out each n-th of the packets that match, from 1. */
  readonly sample?: number;
  /** Bytes of each packet that are shown, from 1; `origlen` stays what it was. */
  readonly snaplen?: number;
}

/** Number `index` of `of` shares, both from 1. */
export interface FixedShare {
  readonly index: number;
  readonly of: number;
  /**
   * Packets that don't tell by their outer header which flow they are of come to every share: fragments, ICMP errors, tunnels,
   * IPv6 with extension headers, and what is not IP. Default: to one, by what their outer header says.
   */
  readonly common?: boolean;
}

/** A member's place in its share group. */
export interface Membership {
  /** The group's memory. */
  readonly shares: ArrayBuffer;
  readonly member: number;
  readonly epoch: number;
}

/** Verdicts of native/core/selection.h beside the numbers of programs. */
const NONE = 0;
const ALL = 1;

/** The choices applied to one ring. */
export class Selection implements RecordSelector {
  readonly results: Uint32Array;
  readonly sample: number;
  readonly #native: NativeSelection;
  readonly #memory: ArrayBuffer;
  readonly #isFiltered: boolean;
  readonly #wanted: ReadonlySet<string | number> | undefined;
  readonly #programs = new Map<number, number>();
  #decided = 0;
  #all: readonly InterfaceInfo[] = [];

  /** `memory`: the ring's whole mapping. */
  constructor(memory: ArrayBuffer, { share, filter, interfaces, sample = 1, snaplen = MAX_CAPLEN }: Choices) {
    this.sample = sample;
    this.#native = new (core().Selection)(sample, snaplen);
    this.results = new Uint32Array(this.#native.results);
    if (typeof share === 'object') this.#native.setShare(share.index - 1, share.of, share.common === true);
    this.#memory = memory;
    this.#isFiltered = filter !== undefined;
    this.#wanted = interfaces && new Set(interfaces);
  }

  /** For a member of a share group, before the first pass: what the group gives it in this lane. */
  join({ shares, member, epoch }: Membership, lane: number): void {
    this.#native.join(shares, member, epoch, lane);
  }

  refresh(interfaces: readonly InterfaceInfo[]): void {
    this.#all = interfaces;
    while (this.#decided < interfaces.length) this.#decide(interfaces[this.#decided++]!);
  }

  select(from: number, softEnd: number, hardEnd: number, max: number): void {
    this.#native.select(this.#memory, from, softEnd, hardEnd, max);
  }

  /**
   * The filter for a link type; undefined: it can't be compiled for it, so none of its packets match. Throws
   * ERR_TAP_PROTOCOL for a program that isn't safe to run.
   */
  setProgram(linktype: number, program: Uint8Array | undefined): void {
    this.#programs.set(linktype, program === undefined ? NONE : this.#add(program));
    for (const each of this.#all) if (each.linktype === linktype) this.#decide(each);
  }

  #add(program: Uint8Array): number {
    try {
      return this.#native.addProgram(program);
    } catch (error) {
      // Attack: a tap whose program jumps or reads out of itself.
      throw explain(error, 'ERR_TAP_PROTOCOL', 'the tap sent a filter that must not be run');
    }
  }

  #decide({ index, name, linktype }: InterfaceInfo): void {
    const verdict = this.#isWanted(index, name) ? this.#verdictFor(linktype) : NONE;
    if (verdict !== undefined) this.#native.decide(index, verdict, linktype);
  }

  #isWanted(index: number, name: string | undefined): boolean {
    return this.#wanted === undefined || this.#wanted.has(index) || (name !== undefined && this.#wanted.has(name));
  }

  #verdictFor(linktype: number): number | undefined {
    return this.#isFiltered ? this.#programs.get(linktype) : ALL;
  }
}
