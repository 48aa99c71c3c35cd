// The rules in groups, made once for a set of rules. A reload makes another one.

import { TCP, UDP } from '../ip-protocols.js';
import { BUFFERS, isOfTransaction } from '../rules/buffers.js';
import { PAYLOAD } from '../rules/draft.js';
import type { PacketFacts } from '../rules/packet-facts.js';
import type { Rule } from '../rules/rule.js';
import { type GroupPart, PacketGroup } from './packet-group.js';
import { inOrder } from './rule-order.js';
import { TransactionGroup } from './transaction-group.js';

const OTHER = 255;
const TRANSPORTS = [TCP, UDP, OTHER];
const DIRECTIONS = [0, 1];
const STATES = [false, true];

/** Rules by index, in the order in which they are tried, and where to look for which. */
export class RuleEngine {
  readonly rules: readonly Rule[];
  /** Some rule looks at streams. */
  readonly needsStreams: boolean;
  /** Some rule waits for what is wrong with a stream. */
  readonly needsStreamEvents: boolean;
  /** Some rule asks for the length of a stream. */
  readonly needsStreamSizes: boolean;
  /** By transport, direction and whether the flow is established. */
  readonly #packets: readonly PacketGroup[];
  /** For packets whose bytes rules see in the stream, likewise: those rules are left out. */
  readonly #segments: readonly PacketGroup[];
  readonly #streams: readonly PacketGroup[];
  /** By protocol, and then by direction. */
  readonly #transactions = new Map<string, TransactionGroup[]>();
  readonly #events = new Map<string, number[]>();

  constructor(rules: readonly Rule[]) {
    this.rules = inOrder(rules);
    const plain = this.#indices((rule) => !looksAtTransactions(rule) && rule.events.length === 0);
    const streamed = plain.filter((index) => this.rules[index]!.payload.stream && hasPayload(this.rules[index]!));
    this.needsStreams = streamed.length > 0;
    this.needsStreamEvents = rules.some(({ events }) => events.some((event) => event.startsWith('stream.')));
    this.needsStreamSizes = rules.some(({ asksStreamSize }) => asksStreamSize);
    const single = plain.filter((index) => looksAtSegments(this.rules[index]!));
    this.#packets = TRANSPORTS.flatMap((transport) => this.#group(plain, transport));
    this.#segments = this.#group(single, TCP);
    this.#streams = this.#group(streamed, TCP);
    this.#groupTransactions();
    for (const [index, { events }] of this.rules.entries()) for (const event of events) this.#await(event, index);
  }

  /** The rules for a packet. */
  packetPart({ protocol, srcPort, dstPort, direction, established, hasStream }: PacketFacts): GroupPart {
    const place = 2 * direction + (established ? 1 : 0);
    if (hasStream) return this.#segments[place]!.part(srcPort, dstPort);
    const row = protocol === TCP ? 0 : protocol === UDP ? 1 : 2;
    return this.#packets[4 * row + place]!.part(srcPort, dstPort);
  }

  /** The rules for the stream of an established connection. */
  streamPart({ srcPort, dstPort, direction }: PacketFacts): GroupPart {
    return this.#streams[2 * direction + 1]!.part(srcPort, dstPort);
  }

  /** undefined: no rule looks at these. */
  transactionGroup(protocol: string, direction: number): TransactionGroup | undefined {
    return this.#transactions.get(protocol)?.[direction];
  }

  /** Rules that wait for the event. */
  eventRules(event: string): readonly number[] {
    return this.#events.get(event) ?? [];
  }

  /** In each direction, and in each of both not established and established. */
  #group(indices: readonly number[], transport: number): PacketGroup[] {
    return DIRECTIONS.flatMap((direction) => {
      const carried = indices.filter((index) => mayCarry(this.rules[index]!, transport, direction));
      return STATES.map((state) => {
        const meant = carried.filter((index) => this.rules[index]!.established !== !state);
        return new PacketGroup(this.rules, meant);
      });
    });
  }

  #await(event: string, index: number): void {
    listIn(this.#events, event).push(index);
  }

  #groupTransactions(): void {
    const byProtocol = new Map<string, [number[], number[]]>();
    for (const index of this.#indices(looksAtTransactions)) {
      for (const [protocol, direction] of transactionKeys(this.rules[index]!)) {
        const lists = byProtocol.get(protocol) ?? [[], []];
        lists[direction]!.push(index);
        byProtocol.set(protocol, lists);
      }
    }
    for (const [protocol, lists] of byProtocol) {
      this.#transactions.set(
        protocol,
        lists.map((indices) => new TransactionGroup(this.rules, indices)),
      );
    }
  }

  #indices(wanted: (rule: Rule) => boolean): number[] {
    return [...this.rules.keys()].filter((index) => wanted(this.rules[index]!));
  }
}

function looksAtTransactions({ chains, numbers }: Rule): boolean {
  return numbers.length > 0 || chains.some(({ buffer }) => isOfTransaction(buffer));
}

/** A rule for the stream looks at packets that belong to none. */
function looksAtSegments({ chains, payload }: Rule): boolean {
  return chains.length === 0 || payload.packet;
}

function hasPayload({ chains }: Rule): boolean {
  return chains.some(({ buffer }) => buffer === PAYLOAD);
}

/** Any number that is neither TCP nor UDP stands for all of these: most rules of theirs ask for `ip` or ICMP. */
function mayCarry({ header, direction }: Rule, transport: number, wanted: number): boolean {
  if (direction !== undefined && direction !== wanted) return false;
  const carried = (protocol: number) => header.carries(4, protocol) || header.carries(6, protocol);
  return transport === OTHER ? [1, 58, 132, OTHER].some(carried) : carried(transport);
}

/**
 * Protocol and direction of the transactions that a rule looks at. Buffers that come either way go with those that don't,
 * and are else looked at both ways.
 */
function transactionKeys({ header, direction, chains }: Rule): [protocol: string, direction: number][] {
  const buffers = chains.filter(({ buffer }) => isOfTransaction(buffer)).map(({ buffer }) => BUFFERS[buffer]!);
  const protocols = header.appProtocol !== undefined ? [header.appProtocol] : (buffers[0]?.protocols ?? []);
  const own = new Set(buffers.flatMap((buffer) => buffer.direction ?? []));
  return protocols.flatMap((protocol) => {
    const ways = direction !== undefined ? [direction] : own.size > 0 ? [...own] : DIRECTIONS;
    return ways.map((way) => [protocol, way] as [string, number]);
  });
}

function listIn<K>(lists: Map<K, number[]>, key: K): number[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
