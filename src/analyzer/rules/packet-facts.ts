// What rules see of a packet and its flow. One object is filled for packet after packet; who fills it is the analyzer.

/** Parts of a packet by the names of their sticky buffers; `transport`: a transport header and all that follows. */
export type HeaderName =
  | 'ipv4.hdr'
  | 'ipv6.hdr'
  | 'tcp.hdr'
  | 'udp.hdr'
  | 'icmpv4.hdr'
  | 'icmpv6.hdr'
  | 'ip.src'
  | 'ip.dst'
  | 'transport';

/** What a flow has come to. `direction`: 0 to the server, 1 to the client. */
export interface FlowCounts {
  /** Whole seconds from its first packet to this one. */
  readonly ageSeconds: number;
  packets(direction: number): number;
  /** On the wire, link layer included. */
  bytes(direction: number): number;
  /** How far a TCP stream's sequence numbers are, its SYN counted; undefined: there is no stream. */
  streamBytes(direction: number): number | undefined;
}

/** A decoded packet. Numbers that it doesn't have are -1. */
export interface PacketFacts {
  /** 4 or 6; 0: not IP. */
  readonly ipVersion: number;
  /** IP protocol number. */
  readonly protocol: number;
  readonly srcPort: number;
  readonly dstPort: number;
  srcWord(index: number): number;
  dstWord(index: number): number;
  /** IPv4's time to live, IPv6's hop limit. */
  readonly ttl: number;
  /** Type of service, or traffic class: all eight bits. */
  readonly tos: number;
  /** IPv4's identification. */
  readonly ipId: number;
  /** IPv4's three flag bits, as they stand above the fragment offset: reserved 4, DF 2, MF 1. */
  readonly ipFlags: number;
  /** In units of eight bytes. */
  readonly fragmentOffset: number;
  readonly tcpFlags: number;
  readonly tcpSeq: number;
  readonly tcpAck: number;
  readonly tcpWindow: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  /** Of an ICMP echo message. */
  readonly icmpId: number;
  readonly icmpSeq: number;
  /** What follows the transport header; valid during the call only. */
  readonly payload: Uint8Array;
  /** Valid during the call only; undefined: it doesn't have that, or not all of it was captured. */
  header(name: HeaderName): Uint8Array | undefined;
  /** It was put together from fragments. */
  readonly isRebuilt: boolean;
  /** undefined: it belongs to no flow. Valid during the call only. */
  readonly flowCounts: FlowCounts | undefined;
  /** Bytes of the stream before the payload; 0 for a packet. */
  readonly streamOffset: number;
  /** Seconds since the Unix epoch, by the packet. */
  readonly sec: number;
  readonly nsec: number;
  /** Which flow it belongs to: no other flow has had this number; -1: none. */
  readonly flow: number;
  /** Direction in its flow: 0 to the server, 1 to the client. */
  readonly direction: number;
  /** Both sides have been heard; for TCP: the handshake was through before this packet. */
  readonly established: boolean;
  /** Its flow's payload is put in order: rules for the stream look at that instead. */
  readonly hasStream: boolean;
  /** Rules look at no payload of its flow any more, and not at this. */
  readonly isEncrypted: boolean;
  /** Whether the flow's protocol above is known, and which. */
  readonly appProtocol: string | undefined;
}

/** Whether there is payload to look at. */
export function hasPayload({ payload, isEncrypted }: PacketFacts): boolean {
  return payload.length > 0 && !isEncrypted;
}
