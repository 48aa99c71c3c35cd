// Feeds the payloads of a capture's flows to application layers, without the analyzer: TCP segments are put in order by
// the plainest of means, so that parsers are judged apart from reassembly.

import { AppLayer, type AppListener, type AppProtocol, type Transaction } from '../../src/analyzer/app/app-layer.js';
import { Layers } from '../../src/packet/layers.js';
import type { PacketView } from '../../src/packet/packet-view.js';
import type { Talked } from './app-talk.js';
import { DatagramFlow } from './datagram-flow.js';
import { eveOf } from './event-lines.js';
import { packetsOf } from './pcap-packets.js';

/** What application layers told of a capture, in order. */
export interface AppFindings {
  readonly events: { protocol: AppProtocol; id: number; eve: Record<string, unknown> }[];
  readonly anomalies: string[];
  /** `app_proto` of each flow with payload. */
  readonly protocols: string[];
}

/** How a flow's bytes are cut before they are handed on; undefined: as they came. */
export type PieceBytes = number | undefined;

/** Everything that the application layers find in a classic pcap. */
export function appFindings(path: string, pieceBytes?: PieceBytes): AppFindings {
  return findingsOf(packetsOf(path), pieceBytes);
}

export function findingsOf(packets: readonly PacketView[], pieceBytes?: PieceBytes): AppFindings {
  const findings: AppFindings = { events: [], anomalies: [], protocols: [] };
  const flows = new Map<string, TestFlow>();
  const layers = new Layers();
  for (const packet of packets) {
    layers.decode(packet);
    if (layers.payloadOffset < 0 || layers.fragment > 0) continue;
    if (layers.protocol !== 6 && layers.protocol !== 17) continue;
    const [from, to] = [
      `${addressOf(packet, layers, 0)}:${layers.srcPort}`,
      `${addressOf(packet, layers, 1)}:${layers.dstPort}`,
    ];
    const key = `${layers.protocol} ${from} ${to}`;
    const back = `${layers.protocol} ${to} ${from}`;
    const isAnswer = (layers.tcpFlags & 0x12) === 0x12;
    const isSyn = (layers.tcpFlags & 0x12) === 2;
    if (isSyn && flows.get(key)?.isOver) flows.get(key)!.end(flows, key);
    if (!flows.has(key) && !flows.has(back)) {
      const [srcPort, dstPort] = isAnswer ? [layers.dstPort, layers.srcPort] : [layers.srcPort, layers.dstPort];
      const ends = { srcPort, dstPort };
      const listener = listenerOf(findings);
      const app = layers.protocol === 17 ? new DatagramFlow(listener, ends) : new AppLayer(listener, ends);
      flows.set(isAnswer ? back : key, new TestFlow(app, findings, pieceBytes));
    }
    const direction = flows.has(key) ? 0 : 1;
    (flows.get(key) ?? flows.get(back)!).add(direction, packet, layers);
  }
  for (const [key, flow] of [...flows]) flow.end(flows, key);
  return findings;
}

function addressOf(packet: PacketView, layers: Layers, which: number): string {
  const bytes = layers.ipVersion === 4 ? 4 : 16;
  const at = layers.l3Offset + (layers.ipVersion === 4 ? 12 : 8) + which * bytes;
  return Buffer.from(packet.data.slice(at, at + bytes)).toString('hex');
}

function listenerOf(findings: AppFindings): AppListener {
  return {
    transaction() {},
    finished: (tx: Transaction) => findings.events.push({ protocol: tx.protocol, id: tx.id, eve: eveOf(tx) }),
    anomaly: (protocol, event) => findings.anomalies.push(`${protocol} ${event}`),
  };
}

class TestFlow {
  readonly #app: Talked;
  readonly #findings: AppFindings;
  readonly #pieceBytes: PieceBytes;
  readonly #sides = [new Side(), new Side()] as const;
  #hadPayload = false;
  isOver = false;

  constructor(app: Talked, findings: AppFindings, pieceBytes: PieceBytes) {
    this.#app = app;
    this.#findings = findings;
    this.#pieceBytes = pieceBytes;
  }

  add(direction: number, packet: PacketView, layers: Layers): void {
    const payload = packet.data.slice(
      layers.payloadOffset,
      Math.min(layers.payloadOffset + layers.payloadLength, packet.caplen),
    );
    if (payload.length > 0) this.#hadPayload = true;
    if (layers.protocol === 17) return this.#app.data(direction, payload);
    if ((layers.tcpFlags & 5) !== 0) this.isOver = true;
    const side = this.#sides[direction]!;
    const seq = (layers.tcpSeq + (layers.tcpFlags & 2 ? 1 : 0)) >>> 0;
    side.next ??= seq;
    // A FIN without payload still tells how many bytes there were.
    const isTold = payload.length > 0 || (layers.tcpFlags & 1) !== 0;
    if (isTold && payload.length >= (side.waiting.get(seq)?.length ?? 0)) side.waiting.set(seq, payload);
    for (const bytes of side.ready()) this.#hand(direction, bytes);
  }

  end(flows: Map<string, TestFlow>, key: string): void {
    for (const [direction, side] of this.#sides.entries()) {
      for (let gap = side.skip(); gap > 0; gap = side.skip()) {
        this.#app.gap(direction, gap);
        for (const bytes of side.ready()) this.#hand(direction, bytes);
      }
    }
    this.#app.close();
    if (this.#hadPayload) this.#findings.protocols.push(this.#app.protocol ?? 'none');
    flows.delete(key);
  }

  #hand(direction: number, bytes: Uint8Array): void {
    const step = this.#pieceBytes ?? bytes.length;
    for (let at = 0; at < bytes.length; at += step) {
      const piece = bytes.slice(at, at + step);
      this.#app.data(direction, piece);
      // What a parser kept without copying it shows.
      piece.fill(0xff);
    }
  }
}

/** The segments of one direction that can't be handed on yet. */
class Side {
  next: number | undefined;
  readonly waiting = new Map<number, Uint8Array>();

  *ready(): Generator<Uint8Array> {
    for (let found = true; found; ) {
      found = false;
      for (const [seq, bytes] of this.waiting) {
        const known = (this.next! - seq) | 0;
        if (known < 0) continue;
        this.waiting.delete(seq);
        if (known >= bytes.length) continue;
        this.next = (seq + bytes.length) >>> 0;
        found = true;
        yield bytes.subarray(known);
      }
    }
  }

  /** Goes on behind a gap; how many bytes it had. */
  skip(): number {
    const gaps = [...this.waiting.keys()].map((seq) => (seq - this.next!) | 0).filter((gap) => gap > 0);
    if (gaps.length === 0) return 0;
    const gap = Math.min(...gaps);
    this.next = (this.next! + gap) >>> 0;
    return gap;
  }
}
