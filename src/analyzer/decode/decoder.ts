// Decodes a packet and the packets inside of it: what Layers knows, the headers that it doesn't, and tunnels. One object
// for packet after packet; nothing is allocated, nothing is thrown on any bytes, and no byte outside of the captured
// ones is read.

import { EtherType, LayerProblem, Layers, Linktype, type PacketView } from '../../index.js';
import { BACKBONE_TAG, enterBackbone } from './backbone.js';
import { Entry } from './entry.js';
import type { DecoderEvent, EventSink } from './events.js';
import { hasEnds, isBroken, tellHeaderEvents } from './header-events.js';
import { enterMpls } from './mpls.js';
import { enterPpp, enterPppoe, tellPppoeDiscovery } from './ppp.js';
import { enterTunnel } from './tunnel.js';
import { enterPrism, enterRadiotap, enterSnap, enterWireless } from './wireless.js';

/** Headers that Layers doesn't know, one behind the other, and packets inside of packets: as many as anybody needs. */
const MAX_LAYERS = 16;

/** The link types that are read here: numbers of https://www.tcpdump.org/linktypes.html. */
const Other = {
  ppp: 9,
  pppHdlc: 50,
  pppoe: 51,
  ciscoHdlc: 104,
  wireless: 105,
  prism: 119,
  radiotap: 127,
  avs: 163,
  mpls: 219,
};

/** Lengths of an 802.3 frame, where others have an EtherType. */
const LARGEST_LENGTH = 1500;
const CISCO_HDLC_HEADER = 4;

/** The decoder of an analyzer. */
export class PacketDecoder implements EventSink {
  /** What is wrong with the packet whose layers were given last; holds until the next call. */
  readonly events: DecoderEvent[] = [];
  readonly #entry = new Entry();
  readonly #levels: readonly Layers[] = Array.from({ length: MAX_LAYERS }, () => new Layers());
  #depth = 0;
  #start = 0;

  /** How many packets lie around the one whose layers were given last. */
  get depth(): number {
    return this.#depth;
  }

  /** Bytes of the packet whose layers were given last, by inner(): on the wire, without what lies around it. */
  get length(): number {
    return this.#levels[this.#depth]!.wireEnd - this.#start;
  }

  /** Each is told once of a packet, as each rule about it fires once. */
  event(name: DecoderEvent): void {
    if (!this.events.includes(name)) this.events.push(name);
  }

  /** The layers of a packet; they hold until the next call. Throws only what {@link PacketView} throws when closed or lapped. */
  decode(packet: PacketView): Layers {
    const layers = this.#levels[0]!;
    this.#depth = 0;
    layers.decode(packet);
    return this.#complete(packet, layers);
  }

  /** The layers of the packet that lies inside of the last one, or undefined if none does. */
  inner(packet: PacketView): Layers | undefined {
    const outer = this.#levels[this.#depth]!;
    if (this.events.length > 0) this.events.length = 0;
    if (outer.payloadOffset < 0 || outer.fragment === 1) return undefined;
    if (!enterTunnel(packet, outer, this.#entry, this)) return undefined;
    if (this.#depth + 1 === MAX_LAYERS) {
      this.event('too_many_layers');
      return undefined;
    }
    const layers = this.#levels[++this.#depth]!;
    this.#start = this.#entry.at;
    layers.decodeInner(packet, outer, this.#entry.at, this.#entry.etherType);
    this.#complete(packet, layers);
    // What a tunnel announced, and can't be read, may be something else: nobody is told of it, as with Suricata.
    if (isBroken(layers) && !hasEnds(layers)) this.events.length = 0;
    return layers;
  }

  #complete(packet: PacketView, layers: Layers): Layers {
    if (this.events.length > 0) this.events.length = 0;
    if (layers.ipVersion === 0 && layers.problem === LayerProblem.none) this.#goOn(packet, layers);
    tellHeaderEvents(packet, layers, this);
    return layers;
  }

  /** Passes header after header, until there is IP or nothing that is known. */
  #goOn(packet: PacketView, layers: Layers): void {
    if (layers.l3Offset < 0) {
      if (!this.#enterLink(packet, layers)) return;
      layers.continueAt(packet, this.#entry.at, this.#entry.etherType);
    }
    for (let passed = 0; layers.ipVersion === 0 && layers.problem === LayerProblem.none; passed++) {
      if (passed === MAX_LAYERS) return this.event('too_many_layers');
      if (!this.#enterNetwork(packet, layers)) return;
      layers.continueAt(packet, this.#entry.at, this.#entry.etherType);
    }
  }

  #enterLink(packet: PacketView, layers: Layers): boolean {
    const entry = this.#entry;
    switch (packet.linktype) {
      case Other.wireless:
        return enterWireless(packet, layers, 0, entry);
      case Other.radiotap:
        return enterRadiotap(packet, layers, entry);
      case Other.prism:
      case Other.avs:
        return enterPrism(packet, layers, entry);
      case Other.ppp:
      case Other.pppHdlc:
        return enterPpp(packet, layers, 0, entry, this);
      case Other.pppoe:
        return enterPppoe(packet, layers, 0, entry, this);
      case Other.ciscoHdlc:
        return this.#enterCiscoHdlc(packet, layers);
      case Other.mpls:
        return enterMpls(packet, layers, 0, entry, this);
      default:
        return false;
    }
  }

  #enterCiscoHdlc(packet: PacketView, layers: Layers): boolean {
    if (layers.end >= CISCO_HDLC_HEADER) return this.#entry.set(CISCO_HDLC_HEADER, packet.u16(2));
    if (layers.end === layers.wireEnd) this.event('chdlc.pkt_too_small');
    return false;
  }

  #enterNetwork(packet: PacketView, layers: Layers): boolean {
    const { etherType, l3Offset: at } = layers;
    switch (etherType) {
      case EtherType.mpls:
      case EtherType.mplsMulticast:
        return enterMpls(packet, layers, at, this.#entry, this);
      case EtherType.pppoe:
        return enterPppoe(packet, layers, at, this.#entry, this);
      case EtherType.pppoeDiscovery:
        tellPppoeDiscovery(packet, layers, at, this);
        return false;
      case EtherType.ethernet:
        return this.#entry.set(at, EtherType.ethernet);
      case BACKBONE_TAG:
        return enterBackbone(layers, at, this.#entry, this);
      default:
        return isLength(packet.linktype, etherType) && enterSnap(packet, layers, at, this.#entry);
    }
  }
}

/** Of Linux's cooked packets, 4 stands for 802.2 there; everywhere else a length does. */
function isLength(linktype: number, etherType: number): boolean {
  if (linktype === Linktype.null || linktype === Linktype.loop) return false;
  return etherType >= 0 && etherType <= LARGEST_LENGTH;
}
