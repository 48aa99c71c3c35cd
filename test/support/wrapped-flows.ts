// Flows whose packets come in many ways: plain, in fragments, quoted by ICMP errors, in tunnels whose own ends differ by
// direction, behind MPLS labels and IPv6 extension headers. By their outer headers, a flow's packets seem to be of many flows.

import { concat, ethernet, hex, icmp, ipv4, ipv6, tcp, u32, udp } from './frames.js';

/** A frame, and whether it is plain: its outer header tells its flow. */
export interface WrappedFrame {
  readonly frame: Uint8Array;
  readonly isPlain: boolean;
}

const FRAGMENT_BYTES = 24;
const MORE_FRAGMENTS = 0x2000;
const PORT = 9000;

/** The packets of so many flows, in turn. */
export function wrappedFlows(flows: number): WrappedFrame[] {
  const ways = [plain, fragments, quoted, vxlan, gre, mpls, extended];
  return ways.flatMap((way) => Array.from({ length: flows }, (_, flow) => way(flow)).flat());
}

const isPlain = (frame: Uint8Array): WrappedFrame => ({ frame, isPlain: true });
const isWrapped = (frame: Uint8Array): WrappedFrame => ({ frame, isPlain: false });

/** An IPv4 packet of the flow, there or back. */
function packetOf(flow: number, back = false): Uint8Array {
  return ipv4(datagramOf(flow, back), { ...endsOf(flow, back), protocol: 17 });
}

function endsOf(flow: number, back: boolean): { src: string; dst: string } {
  const ends = [`10.1.0.${flow + 1}`, `10.2.0.${(flow % 5) + 1}`] as const;
  return back ? { src: ends[1], dst: ends[0] } : { src: ends[0], dst: ends[1] };
}

function datagramOf(flow: number, back: boolean): Uint8Array {
  const ports = back ? { srcPort: PORT, dstPort: 10_000 + flow } : { srcPort: 10_000 + flow, dstPort: PORT };
  return udp(concat(u32(flow), new Uint8Array(32).fill(65)), ports);
}

function plain(flow: number): WrappedFrame[] {
  return [false, true].map((back) => isPlain(concat(ethernet(0x0800), packetOf(flow, back))));
}

function fragments(flow: number): WrappedFrame[] {
  const datagram = datagramOf(flow, true);
  const fields = { ...endsOf(flow, true), protocol: 17 };
  const first = ipv4(datagram.subarray(0, FRAGMENT_BYTES), { ...fields, fragment: MORE_FRAGMENTS });
  const last = ipv4(datagram.subarray(FRAGMENT_BYTES), { ...fields, fragment: FRAGMENT_BYTES / 8 });
  return [first, last].map((packet) => isWrapped(concat(ethernet(0x0800), packet)));
}

/** A router says that the flow's server can't be reached. */
function quoted(flow: number): WrappedFrame[] {
  const error = icmp(3, 1, concat(u32(0), packetOf(flow)));
  const { src: dst } = endsOf(flow, false);
  return [isWrapped(concat(ethernet(0x0800), ipv4(error, { src: '10.9.9.9', dst, protocol: 1 })))];
}

/** The outer source port is another in each direction, as switches choose it. */
function vxlan(flow: number): WrappedFrame[] {
  return [false, true].map((back) => {
    const [src, dst] = back ? ['10.8.0.2', '10.8.0.1'] : ['10.8.0.1', '10.8.0.2'];
    const inner = concat(hex('08000000 00000700'), ethernet(0x0800), packetOf(flow, back));
    const outer = udp(inner, { srcPort: (back ? 40_000 : 50_000) + flow, dstPort: 4789 });
    return isWrapped(concat(ethernet(0x0800), ipv4(outer, { src: src!, dst: dst!, protocol: 17 })));
  });
}

/** There in a tunnel from one router, back in one from another. */
function gre(flow: number): WrappedFrame[] {
  return [false, true].map((back) => {
    const src = back ? '10.7.0.3' : '10.7.0.1';
    const inner = concat(hex('00000800'), packetOf(flow, back));
    return isWrapped(concat(ethernet(0x0800), ipv4(inner, { src, dst: '10.7.0.2', protocol: 47 })));
  });
}

/** Labels in one direction only, as they are on the way out of a network. */
function mpls(flow: number): WrappedFrame[] {
  const labelled = concat(ethernet(0x8847), hex('00010140'), packetOf(flow));
  return [isWrapped(labelled), isPlain(concat(ethernet(0x0800), packetOf(flow, true)))];
}

/** Destination options on the way back. */
function extended(flow: number): WrappedFrame[] {
  const there = ipv6(6, tcp({ srcPort: 10_000 + flow, dstPort: PORT }));
  const answer = tcp({ srcPort: PORT, dstPort: 10_000 + flow, flags: 0x12 });
  const back = ipv6(60, concat(hex('06 00 01 04 00000000'), answer));
  // Source and destination are 16 bytes each, from byte 8 on.
  back.set([...back.subarray(24, 40), ...back.subarray(8, 24)], 8);
  return [isPlain(concat(ethernet(0x86dd), there)), isWrapped(concat(ethernet(0x86dd), back))];
}
