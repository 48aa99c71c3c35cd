// One packet as one line of text: the essentials of what `tcpdump -n -S` prints, in its words. The numbers of a line
// stand in that packet alone, no state is kept between packets; that is why sequence numbers are the raw ones (-S).
// Payloads are not interpreted: `UDP, length 48`, whatever the port.

import { LayerProblem, NONE } from '../packet/layer-codes.js';
import { Layers } from '../packet/layers.js';
import { EtherType } from '../packet/link-layer.js';
import { Linktype, linktypeName } from '../packet/linktype.js';
import type { PacketView } from '../packet/packet-view.js';
import { arpText } from './line-arp.js';
import { etherTypeText } from './line-ethertype.js';
import { ipText } from './line-ip.js';
import { timeText } from './line-time.js';

/** How a line is written. */
export interface LineOptions {
  /**
   * `local` (default): time of day in the local time zone. `date`: the same behind the date, as tcpdump -tttt. `epoch`:
   * seconds since the Unix epoch, as tcpdump -tt. `none`: no time, as tcpdump -t.
   */
  readonly time?: 'local' | 'date' | 'epoch' | 'none';
  /** Nine digits after the second instead of six. Default: false. */
  readonly nanoseconds?: boolean;
}

const layers = new Layers();

/** The line for a packet, without a line break. Throws only what {@link PacketView} throws when it is closed or lapped. */
export function formatLine(packet: PacketView, options: LineOptions = {}): string {
  layers.decode(packet);
  return timeText(packet, options) + packetText(packet);
}

function packetText(packet: PacketView): string {
  if (layers.ipVersion !== 0) return ipText(packet, layers);
  if (layers.problem !== LayerProblem.none) return brokenText(packet);
  if (layers.etherType === EtherType.arp || layers.etherType === EtherType.reverseArp) return arpText(packet, layers);
  if (layers.etherType !== NONE) return etherTypeText(packet, layers);
  return `${linktypeName(packet.linktype)}, length ${packet.origlen}`;
}

/** A packet whose headers end before an IP address could be read. */
function brokenText(packet: PacketView): string {
  if (layers.l3Offset === NONE) return ` [|${layers.etherType !== NONE ? 'vlan' : linkWord(packet.linktype)}]`;
  if (layers.problem !== LayerProblem.version) return isIpv6() ? 'IP6  [|ip6]' : 'IP  [|ip]';
  return `${isIpv6() ? 'IP6' : 'IP'} version error: ${packet.u8(layers.l3Offset) >> 4}`;
}

function isIpv6(): boolean {
  return layers.etherType === EtherType.ipv6;
}

function linkWord(linktype: number): string {
  if (linktype === Linktype.ethernet) return 'ether';
  return linktypeName(linktype).toLowerCase();
}
