// What flows through a tap, by flow and by address, from one look to the next. Both tables have a bound. At high rates each
// n-th packet is looked at, so that looking takes a small part of a processor, whatever the rate.

import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer } from '../consumer/consumer.js';
import { formatIPv4, formatIPv6 } from '../packet/address.js';
import { Layers } from '../packet/layers.js';
import type { PacketView } from '../packet/packet-view.js';
import type { PacketBatch } from '../ring/packet-batch.js';

/** Packets and bytes on the wire of a flow or an address. */
export interface Amount {
  packets: number;
  bytes: number;
}

/** A flow; `server` is the end with the lower port. */
export interface FlowAmount extends Amount {
  readonly client: string;
  readonly server: string;
  /** Number of the IP protocol. */
  readonly protocol: number;
}

/** What was seen since the last look. */
export interface TrafficPart {
  /** Packets that were looked at. */
  readonly packets: number;
  readonly flows: readonly FlowAmount[];
  readonly talkers: ReadonlyMap<string, Amount>;
  /** What is in no flow: not IP, later fragments, or there were too many flows. */
  readonly other: Amount;
}

const MAX_FLOWS = 16_384;

/** Packets looked at in a second, about. */
const BUDGET = 50_000;

/** A batch of fewer packets is left to grow for this long, so that we don't wake up for each packet. */
const FEW_PACKETS = 64;
const GATHER_MS = 10;

/** Sums of a consumer's packets. */
export class Traffic {
  readonly #layers = new Layers();
  #flows = new Map<string, FlowAmount>();
  #other: Amount = { packets: 0, bytes: 0 };
  #looked = 0;
  #seen = 0;
  #step = 1;

  /** Until the consumer's end. */
  async follow(consumer: Consumer, signal: AbortSignal): Promise<void> {
    for await (const batch of consumer)
      if (this.#addBatch(batch) < FEW_PACKETS) await delay(GATHER_MS, undefined, { signal });
  }

  /** What came since the last call, which was so long ago. */
  take(seconds: number): TrafficPart {
    const flows = [...this.#flows.values()];
    const part = { packets: this.#looked, flows, talkers: talkersOf(flows), other: this.#other };
    this.#step = Math.max(1, Math.ceil(this.#seen / seconds / BUDGET));
    this.#flows = new Map();
    this.#other = { packets: 0, bytes: 0 };
    this.#looked = this.#seen = 0;
    return part;
  }

  #addBatch(batch: PacketBatch): number {
    let packets = 0;
    for (const packet of batch) {
      packets++;
      if (this.#seen++ % this.#step === 0) this.#add(packet);
    }
    return packets;
  }

  #add(packet: PacketView): void {
    const { origlen } = packet;
    this.#layers.decode(packet);
    const amount = this.#flowOf(packet) ?? this.#other;
    // Overwritten as we looked: nobody knows whose it was.
    if (!packet.isIntact()) return;
    this.#looked++;
    amount.packets++;
    amount.bytes += origlen;
  }

  #flowOf(packet: PacketView): FlowAmount | undefined {
    const { payloadOffset, fragmentOffset, l3Offset, ipVersion, protocol, srcPort, dstPort } = this.#layers;
    if (payloadOffset < 0 || fragmentOffset > 0) return undefined;
    const [at, bytes] = ipVersion === 4 ? [l3Offset + 12, 4] : [l3Offset + 8, 16];
    const src = `${wordsAt(packet, at, bytes)}:${srcPort}`;
    const dst = `${wordsAt(packet, at + bytes, bytes)}:${dstPort}`;
    const isToServer = srcPort > dstPort || (srcPort === dstPort && src > dst);
    const key = isToServer ? `${protocol} ${src} ${dst}` : `${protocol} ${dst} ${src}`;
    const known = this.#flows.get(key);
    if (known !== undefined || this.#flows.size >= MAX_FLOWS || !packet.isIntact()) return known;
    const ends = [endText(packet, at, bytes, srcPort), endText(packet, at + bytes, bytes, dstPort)] as const;
    const [client, server] = isToServer ? ends : [ends[1], ends[0]];
    const flow = { client, server, protocol, packets: 0, bytes: 0 };
    this.#flows.set(key, flow);
    return flow;
  }
}

function wordsAt(packet: PacketView, at: number, bytes: number): string {
  let text = '';
  for (let i = 0; i < bytes; i += 4) text += `${packet.u32(at + i)} `;
  return text;
}

function endText(packet: PacketView, at: number, bytes: number, port: number): string {
  const address = bytes === 4 ? formatIPv4(packet, at) : formatIPv6(packet, at);
  if (port < 0) return address;
  return bytes === 4 ? `${address}:${port}` : `[${address}]:${port}`;
}

/** Each flow counts for both of its addresses. */
function talkersOf(flows: readonly FlowAmount[]): Map<string, Amount> {
  const talkers = new Map<string, Amount>();
  for (const { client, server, packets, bytes } of flows) {
    for (const address of new Set([addressOf(client), addressOf(server)])) {
      const talker = talkers.get(address) ?? { packets: 0, bytes: 0 };
      talker.packets += packets;
      talker.bytes += bytes;
      talkers.set(address, talker);
    }
  }
  return talkers;
}

function addressOf(end: string): string {
  return end.replace(/^\[|\]:\d+$|(?<=\.\d+):\d+$/g, '');
}
