// IP packets as text: addresses, ports, and what the transport header says. tcpdump's words; a header that ends too
// early shows as `[|tcp]` and the like, an IP length larger than the frame as `truncated-ip`.

import { formatIPv4, formatIPv6 } from '../packet/address.js';
import { Ipv6Extension, LayerProblem, NONE } from '../packet/layer-codes.js';
import type { Layers } from '../packet/layers.js';
import type { PacketView } from '../packet/packet-view.js';
import { IpProtocol } from '../packet/transport-layer.js';
import { icmpText } from './line-icmp.js';
import { icmpv6Text } from './line-icmpv6.js';

/** An IP packet; `layers.ipVersion` is 4 or 6. */
export function ipText(packet: PacketView, layers: Layers): string {
  const word = layers.ipVersion === 4 ? 'IP' : 'IP6';
  if (layers.l4Offset === NONE) return `${word} ${headerProblemText(packet, layers)}`;
  return `${word} ${missingText(packet, layers)}${endsText(packet, layers)}${transportText(packet, layers)}`.trimEnd();
}

/** The addresses are there, but where the payload begins is not known. */
function headerProblemText(packet: PacketView, layers: Layers): string {
  const at = layers.l3Offset;
  if (layers.problem === LayerProblem.headerLength) return `bad-hlen ${(packet.u8(at) & 15) * 4}`;
  if (layers.problem === LayerProblem.length) return `bad-len ${packet.u16(at + 2)}`;
  return `${sourceText(packet, layers)} > ${destText(packet, layers)}: ${extensionsText(layers)} [|${layers.ipVersion === 4 ? 'ip' : 'ip6'}]`;
}

function missingText(packet: PacketView, layers: Layers): string {
  if (layers.problem !== LayerProblem.beyondFrame) return '';
  const missing = layers.l4Offset + layers.l4Length - packet.origlen;
  return `truncated-ip${layers.ipVersion === 4 ? '' : '6'} - ${missing} bytes missing! `;
}

/** `source > dest: `, with the ports behind the addresses, or after them if an IPv6 extension header lies between. */
function endsText(packet: PacketView, layers: Layers): string {
  const source = sourceText(packet, layers);
  const dest = destText(packet, layers);
  if (layers.srcPort === NONE) return `${source} > ${dest}: ${extensionsText(layers)}`;
  const { srcPort, dstPort } = layers;
  if (layers.extensions === 0) return `${source}.${srcPort} > ${dest}.${dstPort}: `;
  return `${source} > ${dest}: ${extensionsText(layers)}${srcPort} > ${dstPort}: `;
}

function sourceText(packet: PacketView, layers: Layers): string {
  const at = layers.l3Offset;
  return layers.ipVersion === 4 ? formatIPv4(packet, at + 12) : formatIPv6(packet, at + 8);
}

function destText(packet: PacketView, layers: Layers): string {
  const at = layers.l3Offset;
  return layers.ipVersion === 4 ? formatIPv4(packet, at + 16) : formatIPv6(packet, at + 24);
}

function extensionsText(layers: Layers): string {
  const has = (bit: number) => (layers.extensions & bit) !== 0;
  let text = '';
  if (has(Ipv6Extension.hopByHop)) text += 'HBH ';
  if (has(Ipv6Extension.routing)) text += 'srcrt ';
  if (has(Ipv6Extension.destination)) text += 'DSTOPT ';
  if (has(Ipv6Extension.authentication)) text += 'AH ';
  if (has(Ipv6Extension.fragment)) text += `frag (${layers.fragmentOffset}|${layers.l4Length}) `;
  return text;
}

function transportText(packet: PacketView, layers: Layers): string {
  const { protocol } = layers;
  if (layers.fragmentOffset > 0) return layers.ipVersion === 4 ? `ip-proto-${protocol}` : '';
  if (protocol === IpProtocol.tcp) return tcpText(packet, layers);
  if (protocol === IpProtocol.udp) return udpText(packet, layers);
  if (protocol === IpProtocol.sctp) return sctpText(layers);
  if (protocol === IpProtocol.icmp && layers.ipVersion === 4) return icmpText(packet, layers);
  if (protocol === IpProtocol.icmpv6 && layers.ipVersion === 6) return icmpv6Text(packet, layers);
  return `ip-proto-${protocol} ${layers.l4Length}`;
}

const UDP_HEADER = 8;
const TCP_HEADER = 20;
const TCP_URGENT = 32;
const TCP_ACK = 16;
const SYN_FIN_RST = 7;
/** The letters of the flags from bit 0 up; the dot is ACK. */
const TCP_LETTERS = 'FSRP.UEW';

function tcpText(packet: PacketView, layers: Layers): string {
  const { tcpFlags: flags, tcpSeq: seq, payloadLength, l4Offset } = layers;
  if (payloadLength === NONE) return brokenTcpText(packet, layers);
  let text = `Flags [${tcpFlagsText(flags)}]`;
  if (payloadLength > 0) text += `, seq ${seq}:${(seq + payloadLength) >>> 0}`;
  else if ((flags & SYN_FIN_RST) !== 0) text += `, seq ${seq}`;
  if ((flags & TCP_ACK) !== 0) text += `, ack ${layers.tcpAck}`;
  text += `, win ${layers.tcpWindow}`;
  if ((flags & TCP_URGENT) !== 0) text += `, urg ${packet.u16(l4Offset + 18)}`;
  return `${text}, length ${payloadLength}`;
}

function brokenTcpText(packet: PacketView, layers: Layers): string {
  if (layers.l4Offset + TCP_HEADER > layers.end) return ' [|tcp]';
  return `[bad hdr length ${(packet.u8(layers.l4Offset + 12) >> 4) * 4}]`;
}

function tcpFlagsText(flags: number): string {
  let text = '';
  for (let bit = 0; bit < TCP_LETTERS.length; bit++) if ((flags & (1 << bit)) !== 0) text += TCP_LETTERS[bit];
  return text === '' ? 'none' : text;
}

function udpText(packet: PacketView, layers: Layers): string {
  if (layers.payloadLength === NONE) return ' [|udp]';
  const length = packet.u16(layers.l4Offset + 4);
  if (layers.problem === LayerProblem.length) return `UDP, bad length ${length}`;
  // A first fragment tells the length of the whole datagram, in the header.
  return `UDP, length ${layers.fragment === 1 ? length - UDP_HEADER : layers.payloadLength}`;
}

function sctpText(layers: Layers): string {
  return layers.payloadLength === NONE ? ' [|sctp]' : `SCTP, length ${layers.payloadLength}`;
}
