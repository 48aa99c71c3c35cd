// How many packets of which kind there were. Plain numbers; a packet counts once in each kind that it has.

import { EtherType, IpProtocol, LayerProblem, type Layers, Linktype } from '../../index.js';
import { TCP, UDP } from '../ip-protocols.js';
import { DecoderEventCounts } from './events.js';

/** Packets by kind. `bytes` are bytes on the wire. */
export class DecoderCounts {
  packets = 0;
  bytes = 0;
  /** The largest packet on the wire, in bytes. */
  maxBytes = 0;
  /** Packets of which the capture kept only the beginning. */
  truncated = 0;
  ethernet = 0;
  cooked = 0;
  loopback = 0;
  raw = 0;
  otherLinktype = 0;
  vlan = 0;
  /** With two VLAN tags or more. */
  vlanStacked = 0;
  ipv4 = 0;
  ipv6 = 0;
  arp = 0;
  /** Neither IP nor ARP. */
  otherNetwork = 0;
  tcp = 0;
  udp = 0;
  icmp = 0;
  icmpv6 = 0;
  sctp = 0;
  otherTransport = 0;
  /** Fragments of IP packets; the packet that they make counts for its transport. */
  fragments = 0;
  /** Packets of which something is wrong, by {@link DecoderEvent}. */
  readonly events = new DecoderEventCounts();
  /** Packets by {@link LayerProblem}; index 0 are those without one. */
  readonly problems = new Float64Array(Object.keys(LayerProblem).length);

  /** Adds a decoded packet. */
  add(layers: Layers, linktype: number, caplen: number, origlen: number): void {
    this.packets++;
    this.bytes += origlen;
    if (origlen > this.maxBytes) this.maxBytes = origlen;
    if (caplen < origlen) this.truncated++;
    if (layers.vlanCount > 0) this.vlan++;
    if (layers.vlanCount > 1) this.vlanStacked++;
    if (layers.fragment === 1) this.fragments++;
    this.problems[isCutByFragmentation(layers) ? LayerProblem.none : layers.problem]!++;
    this.#addLink(linktype);
    this.#addNetwork(layers);
  }

  /** As add(), for one that {@link Layers.decodePlain} took. */
  addPlain({ protocol }: Layers, caplen: number, origlen: number): void {
    this.packets++;
    this.bytes += origlen;
    if (origlen > this.maxBytes) this.maxBytes = origlen;
    if (caplen < origlen) this.truncated++;
    this.problems[LayerProblem.none]!++;
    this.ethernet++;
    this.ipv4++;
    if (protocol === TCP) this.tcp++;
    else this.udp++;
  }

  /** Adds a packet that lay inside of another one. */
  addInner(layers: Layers): void {
    this.#addNetwork(layers);
  }

  /** Adds a packet that was put together from fragments. */
  addWhole(layers: Layers): void {
    this.#addTransport(layers);
  }

  /** Packets whose headers contradict themselves; those that the capture cut short are not among them. */
  get malformed(): number {
    return this.packets - this.problems[LayerProblem.none]! - this.problems[LayerProblem.truncated]!;
  }

  #addLink(linktype: number): void {
    if (linktype === Linktype.ethernet) this.ethernet++;
    else if (linktype === Linktype.linuxSll || linktype === Linktype.linuxSll2) this.cooked++;
    else if (linktype === Linktype.null || linktype === Linktype.loop) this.loopback++;
    else if (RAW.includes(linktype)) this.raw++;
    else this.otherLinktype++;
  }

  #addNetwork(layers: Layers): void {
    if (layers.ipVersion === 0) {
      if (layers.etherType === EtherType.arp) this.arp++;
      else this.otherNetwork++;
      return;
    }
    if (layers.ipVersion === 4) this.ipv4++;
    else this.ipv6++;
    if (layers.fragment === 0) this.#addTransport(layers);
  }

  #addTransport({ protocol, ipVersion }: Layers): void {
    if (protocol === TCP) this.tcp++;
    else if (protocol === UDP) this.udp++;
    else if (protocol === IpProtocol.icmp && ipVersion === 4) this.icmp++;
    else if (protocol === IpProtocol.icmpv6 && ipVersion === 6) this.icmpv6++;
    else if (protocol === IpProtocol.sctp) this.sctp++;
    else this.otherTransport++;
  }
}

/** Whether all that is missing is the transport header's rest: a first fragment need not have it. */
function isCutByFragmentation({ fragment, l4Offset, problem }: Layers): boolean {
  return fragment === 1 && l4Offset >= 0 && problem !== LayerProblem.beyondFrame;
}

const RAW: readonly number[] = [Linktype.raw, Linktype.rawBsd, Linktype.rawOpenBsd, Linktype.ipv4, Linktype.ipv6];
