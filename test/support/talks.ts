// Whole conversations as frames: TCP connections with their handshake and end, datagrams, pings.

import { concat, ethernet, icmp, ipv4, type TcpFields, tcp, udp } from './frames.js';

/** Who talks to whom. */
export interface Ends {
  readonly client: readonly [address: string, port: number];
  readonly server: readonly [address: string, port: number];
}

/** By the client (`>`) or the server (`<`). */
export type Said = readonly ['>' | '<', string | Uint8Array];

const ENDS: Ends = { client: ['10.0.0.1', 1234], server: ['10.0.0.2', 80] };

/** A connection in which this is said, in order, each answered by an acknowledgement. */
export function tcpTalk(said: readonly Said[], ends: Ends = ENDS): Uint8Array[] {
  const next = { '>': 100, '<': 500 };
  const say = (who: '>' | '<', flags: number, bytes = new Uint8Array()) => {
    const frame = segment(who, ends, { flags, seq: next[who], ack: next[other(who)] }, bytes);
    next[who] += bytes.length + (flags & 0x03 ? 1 : 0);
    return frame;
  };
  const frames = [
    segment('>', ends, { flags: 0x02, seq: 99 }),
    segment('<', ends, { flags: 0x12, seq: 499, ack: 100 }),
  ];
  frames.push(say('>', 0x10));
  for (const [who, what] of said) frames.push(say(who, 0x18, bytesOf(what)), say(other(who), 0x10));
  return [...frames, say('>', 0x11), say('<', 0x11), say('>', 0x10)];
}

/** One segment of it. */
export function segment(who: '>' | '<', ends: Ends, fields: TcpFields, payload?: Uint8Array): Uint8Array {
  const [[src, srcPort], [dst, dstPort]] = who === '>' ? [ends.client, ends.server] : [ends.server, ends.client];
  return concat(ethernet(0x0800), ipv4(tcp({ ...fields, srcPort, dstPort }, payload), { src, dst }));
}

/** Each said is a datagram. */
export function udpTalk(said: readonly Said[], ends: Ends = ENDS): Uint8Array[] {
  return said.map(([who, what]) => {
    const [[src, srcPort], [dst, dstPort]] = who === '>' ? [ends.client, ends.server] : [ends.server, ends.client];
    const datagram = udp(bytesOf(what), { srcPort, dstPort });
    return concat(ethernet(0x0800), ipv4(datagram, { src, dst, protocol: 17 }));
  });
}

/** An ICMP echo request with this behind its sequence number. */
export function ping(data: string, src = ENDS.client[0], dst = ENDS.server[0]): Uint8Array {
  const message = icmp(8, 0, concat(Uint8Array.of(0, 1, 0, 1), bytesOf(data)));
  return concat(ethernet(0x0800), ipv4(message, { src, dst, protocol: 1 }));
}

/** A character per byte. */
export function bytesOf(what: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(typeof what === 'string' ? Buffer.from(what, 'latin1') : what);
}

function other(who: '>' | '<'): '>' | '<' {
  return who === '>' ? '<' : '>';
}
