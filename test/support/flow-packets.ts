// Packets of many flows, in both directions, each of which tells its flow, its number in it and nothing else that differs.

import type { PacketView } from '../../src/packet/packet-view.js';
import { concat, ethernet, ipv4, ipv6, tcp, u32, udp } from './frames.js';

/** Where a packet stands. */
export interface FlowPlace {
  readonly flow: number;
  readonly number: number;
}

/** The `number`th packet of a flow: there and back in turn. Even flows are UDP over IPv4, odd ones TCP over IPv6. */
export function flowFrame({ flow, number }: FlowPlace): Uint8Array {
  const payload = concat(u32(flow), u32(number));
  const ports = [10_000 + flow, 443] as const;
  const [srcPort, dstPort] = number % 2 === 0 ? ports : [ports[1], ports[0]];
  const [src, dst] = number % 2 === 0 ? ['10.1.0.1', '10.2.0.2'] : ['10.2.0.2', '10.1.0.1'];
  if (flow % 2 === 0)
    return concat(ethernet(0x0800), ipv4(udp(payload, { srcPort, dstPort }), { src, dst, protocol: 17 }));
  const packet = ipv6(6, tcp({ srcPort, dstPort, flags: 16 }, payload));
  // Source and destination are 16 bytes each, from byte 8 on.
  if (number % 2 === 1) packet.set([...packet.subarray(24, 40), ...packet.subarray(8, 24)], 8);
  return concat(ethernet(0x86dd), packet);
}

/** What its last eight bytes say. */
export function flowPlaceOf(packet: PacketView): FlowPlace {
  return { flow: packet.u32(packet.caplen - 8), number: packet.u32(packet.caplen - 4) };
}
