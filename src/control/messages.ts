// The control protocol: what tap and consumer say to each other over the socket, one message a datagram. Packets never
// go this way.
//
//   consumer                                   tap
//      | connect                                |  checks SO_PEERCRED
//      |------------ hello -------------------->|  versions, who, what it wants
//      |<--- welcome + [ring, cursor] a lane ---|  and a share group's memory; or: refuse, and the connection closes
//      |                                        |
//      |<----------- (one byte: doorbell) ------|  only after the consumer said in its cursor that it sleeps
//      |------------ stats -------------------->|
//      |<----------- stats ---------------------|  in parts, if there are many consumers
//      |------------ compile ----------------->|  a filter, for packets of one link type
//      |<----------- program ------------------|  in parts, if it is long; or why there is none
//      |<----------- notice --------------------|  the consumer was made lossy
//      |<----------- bye -----------------------|  the tap has ended; the ring says so too
//      |------------ leave -------------------->|  a share group's member wants no more flows
//      |<----------- left ----------------------|  up to where packets are its own: it reads those, and says bye
//      |------------ bye ---------------------->|  the consumer leaves
//
// An observer says hello with role "observer" and gets a welcome without memory: it may only ask for statistics. So does a
// controller, which must be root or the tap's own user, and may also send control; the answer is stats, or refuse and the
// connection closes.

import type { TapErrorCode } from '../errors.js';

/** Versions of this protocol that we speak, the best first. */
export const PROTOCOL_VERSIONS: readonly number[] = [1];

/** Largest message in bytes, either way. A longer one ends the session. */
export const MAX_MESSAGE_BYTES = 16_384;

/** A tap's rings, one for each thread that fills one, are its lanes: at most so many. */
export const MAX_LANES = 16;
/** Longest text for people in a message, in characters. */
export const MAX_TEXT_LENGTH = 2048;

/**
 * A consumer's hold on the tap. lossless: the tap waits for it. lossy: the tap never does. newest: nor does it then, and the
 * consumer skips to the newest packets whenever more are waiting than a batch holds.
 */
export type Policy = (typeof POLICIES)[number];
export const POLICIES = ['lossless', 'lossy', 'newest'] as const;

/** Where a consumer begins: at the next packet, or at the oldest that is still in the ring. */
export type StartAt = (typeof STARTS)[number];
export const STARTS = ['now', 'oldest'] as const;

const MAX_NAME_LENGTH = 64;

/** Whether a consumer may call itself this: at most 64 characters, all of which can be printed on a terminal. */
export function isConsumerName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && !/\p{C}/u.test(name);
}

export interface Hello {
  readonly type: 'hello';
  readonly versions: readonly number[];
  readonly role: 'consumer' | 'observer' | 'controller';
  /** What `stats` and `list` call this consumer; see {@link isConsumerName}. */
  readonly name: string;
  /** Left out: what the tap prefers. A lossy tap refuses lossless: its owner decided that it waits for nobody. */
  readonly policy?: Policy;
  readonly start?: StartAt;
  /** The share group to join: a name as taps have. Each flow goes to one of its members. */
  readonly share?: string;
  /** Where to go on, in each lane, instead of `start`. Of no effect unless the tap has rings of these generations. */
  readonly resume?: readonly ResumeLane[];
}

/** How far a consumer had read a lane: the packet at `position`, with this sequence, is the next. */
export interface ResumeLane {
  readonly generation: bigint;
  readonly position: bigint;
  readonly sequence: bigint;
}

export interface Welcome {
  readonly type: 'welcome';
  readonly version: number;
  readonly tap: string;
  readonly pid: number;
  /** What the tap reads, for people. */
  readonly source: string;
  /** For a consumer only. */
  readonly session?: WelcomeSession;
}

export interface WelcomeSession {
  readonly policy: Policy;
  readonly stallTimeoutMs: number;
  /** 1 to {@link MAX_LANES}, in the order of the descriptors: ring and cursor of the first, of the second … */
  readonly lanes: readonly WelcomeLane[];
  /** For a member of a share group, whose memory is the last of the descriptors. */
  readonly share?: WelcomeShare;
  /** Whether the consumer goes on where it asked to, and has its account of what was missed since. */
  readonly resumed?: boolean;
}

/** Where the consumer begins in a lane. */
export interface WelcomeLane {
  readonly position: bigint;
  readonly sequence: bigint;
  /** Packets that were overwritten between where it wanted to resume and here; left out: none. */
  readonly missed?: number;
}

/** As whom a consumer is a member of its share group, and from which epoch on. */
export interface WelcomeShare {
  readonly member: number;
  readonly epoch: number;
}

export interface Refuse {
  readonly type: 'refuse';
  readonly code: TapErrorCode;
  readonly message: string;
}

export interface StatsRequest {
  readonly type: 'stats';
}

/** What a controller can make a tap's source do. */
export type ControlAction = (typeof CONTROL_ACTIONS)[number];
export const CONTROL_ACTIONS = ['pause', 'resume', 'step', 'set-filter'] as const;

/** The longest filter that can be sent, in characters: with room to spare, it fits in a message. */
export const MAX_FILTER_LENGTH = 4096;

export interface ControlRequest {
  readonly type: 'control';
  readonly action: ControlAction;
  /** For step: how many, a whole number from 1. Left out: 1. */
  readonly packets?: number;
  /** For set-filter, and always there then: pcap-filter(7), at most {@link MAX_FILTER_LENGTH} characters. Empty: all packets. */
  readonly filter?: string;
}

export interface StatsReply {
  readonly type: 'stats';
  /** With some of the consumers. */
  readonly stats: TapStats;
  /** Whether the next message has more of them. */
  readonly more: boolean;
}

/** A consumer has its filter compiled, for one link type at a time: its own machine may have no libpcap. */
export interface CompileRequest {
  readonly type: 'compile';
  /** libpcap's language, pcap-filter(7). */
  readonly filter: string;
  /** LINKTYPE_* number. */
  readonly linktype: number;
}

export interface ProgramReply {
  readonly type: 'program';
  /** Of struct bpf_insn, in the machine's byte order; some of them. */
  readonly instructions: Uint8Array;
  /** Whether the next message has more of them. */
  readonly more: boolean;
  /** Why there is no program. */
  readonly problem?: string;
}

/** Bytes of a program in one message. */
export const MAX_PROGRAM_PART = 8192;

export interface Notice {
  readonly type: 'notice';
  readonly kind: 'made-lossy';
  readonly message: string;
}

/** A member of a share group has its flows given to the others, to read what it has and then go. */
export interface Leave {
  readonly type: 'leave';
}

export interface Left {
  readonly type: 'left';
  /** In each lane, the position from which on no packet is this member's. */
  readonly ends: readonly bigint[];
}

export interface Bye {
  readonly type: 'bye';
  /** evicted: this session alone ends, for what it did. */
  readonly reason: 'finished' | 'stopped' | 'failed' | 'evicted' | 'detached';
  readonly message: string;
}

export type FromConsumer = Hello | StatsRequest | ControlRequest | CompileRequest | Leave | Bye;
export type FromTap = Welcome | Refuse | StatsReply | ProgramReply | Notice | Left | Bye;

/** A tap's statistics. Never summed: each cause of loss is a count of its own. `undefined`: the source can't know. */
export interface TapStats {
  readonly tap: string;
  readonly pid: number;
  readonly source: string;
  /** Unix time in milliseconds. */
  readonly startedMs: number;
  /** waiting: not started yet. paused: started, and held by its owner. */
  readonly state: 'waiting' | 'running' | 'paused' | 'ended';
  /** Rings. */
  readonly lanes: number;
  /** Bytes of each ring. */
  readonly ringBytes: number;
  /** Packets the source has given. */
  readonly received: number;
  readonly kernelDropped: number | undefined;
  readonly interfaceDropped: number | undefined;
  /** Packets put into the ring. */
  readonly published: number;
  /** Sum of the published packets' caplen. */
  readonly bytes: number;
  /** Packets that share groups had given to members, and that those left unread behind: nobody reads them. */
  readonly handedOver: number;
  /** Packets that were overwritten before it could be seen whether they were of those. */
  readonly handOverUnknown: number;
  readonly consumers: readonly ConsumerStats[];
}

/** A consumer as the tap sees it. Since it attached: published = delivered + filtered + missed + lag. */
export interface ConsumerStats {
  readonly id: number;
  readonly name: string;
  readonly pid: number;
  readonly uid: number;
  readonly policy: Policy;
  /** The share group that it is a member of. */
  readonly share?: string;
  /** Packets; the consumer's own word, as of its last batch. */
  readonly delivered: number;
  /** Packets that it had passed over: others' shares, filter, sampling, interfaces. */
  readonly filtered: number;
  readonly missed: number;
  readonly lag: number;
}
