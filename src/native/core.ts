// The contract with native/binding: every function of the core module, typed. Few and narrow: JavaScript never touches
// packets one by one on the tap's side. Failures come as a NativeFailure, except where a result says otherwise.

import { loadNative } from './load.js';

/** An error as native code throws it; {@link isNativeFailure} tells it from others. */
export interface NativeFailure extends Error {
  /** A system errno, or 0 when `detail` says what was wrong. */
  readonly errno: number;
  readonly syscall: string;
  readonly detail: string;
}

declare const ringHandleBrand: unique symbol;

/** The ring, or rings, that a tap writes: one for each lane. Their memory lives until releaseRing or until the handle is collected. */
export interface RingHandle {
  readonly [ringHandleBrand]: true;
}

/** Counters of a lane's ring: exact up to 2^53. `undefined`: the source can't know. */
export interface RingCounters {
  readonly received: number;
  readonly kernelDropped: number | undefined;
  readonly interfaceDropped: number | undefined;
  readonly published: number;
  /** Sum of the published packets' caplen. */
  readonly bytes: number;
}

/** What a consumer asks for. */
export interface RingRequest {
  /** From the oldest packet on, not the next. */
  readonly oldest: boolean;
  readonly lossless: boolean;
  /** The share group to join. */
  readonly share?: string;
  /** Where to go on, in each lane: overrides `oldest`. */
  readonly resume?: readonly { readonly position: bigint; readonly sequence: bigint }[];
}

/** Where a consumer begins in one lane. Whoever attached it closes both descriptors once they are sent. */
export interface LaneAttachment {
  readonly position: bigint;
  readonly sequence: bigint;
  /** Packets between where it wanted to resume and here. */
  readonly missed: number;
  readonly ringFd: number;
  readonly cursorFd: number;
}

/** A new session, with each lane. */
export interface RingAttachment {
  readonly id: number;
  readonly lanes: readonly LaneAttachment[];
  /** Of a share group's member; its descriptor, too, is the caller's. */
  readonly share?: { readonly epoch: number; readonly fd: number };
}

/** What a consumer that leaves had been given by its share group and hadn't read, and what nobody knows whose it was. */
export interface HandOver {
  readonly packets: number;
  readonly unknown: number;
}

/** What the writers know of a session, over all lanes. `delivered`, `missed` and `filtered` are the consumer's own words. */
export interface RingSession {
  readonly delivered: number;
  readonly missed: number;
  readonly filtered: number;
  /** False for one that was lossless, too, if it stalled for longer than the stall timeout. */
  readonly lossless: boolean;
  /** 0: none; 1: a cursor of its went back; 2: a cursor ran past the tail. */
  readonly fault: 0 | 1 | 2;
}

/** A mapping: its one ArrayBuffer, and the way to end it. */
export interface NativeMapping {
  readonly buffer: ArrayBuffer;
  /** Detaches the buffer (all views of it become empty) and unmaps the memory. Safe to call twice. */
  unmap(): void;
}

/** Who is at the other end of a socket, as the kernel saw it when the connection was made. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

/**
 * Calls back on the event loop while a descriptor is readable, and keeps the loop alive, until told otherwise; close it
 * before the descriptor.
 */
export interface Poll {
  watch(readable: boolean, writable: boolean): void;
  keepAlive(keep: boolean): void;
  /** Somebody waits for what is watched: before the loop sleeps next, it looks out so long. See native/binding/linger.h. */
  linger(microseconds: number): void;
  close(): void;
}

/**
 * What the native replay thread is told. `paths`: "-" is standard input. 0 means "no limit" for loops, limit, longestGapMs
 * and durationMs.
 */
export interface NativeReplayOptions {
  readonly paths: readonly string[];
  readonly loops: number;
  readonly limit: number;
  /** 0: top speed, 1: as recorded times paceValue, 2: packets a second, 3: bits a second. */
  readonly paceKind: 0 | 1 | 2 | 3;
  readonly paceValue: number;
  /** Milliseconds, fractions allowed; as are the others. */
  readonly longestGapMs: number;
  readonly durationMs: number;
  readonly loopDelayMs: number;
  /** 0: original, 1: shift, 2: now; `enum class Timestamps` of native/core/restamper.h. */
  readonly timestamps: 0 | 1 | 2;
  readonly filtered: boolean;
  /** By the packets' times instead of file by file. */
  readonly merge: boolean;
  /** Wait for more at the end of the last file. */
  readonly follow: boolean;
}

/** How a replay ended: Outcome of native/core/savefile/result.h. */
export interface NativeReplayEnd {
  readonly outcome: number;
  /** The file it ended in. */
  readonly path: string;
  readonly byteOffset: number;
  readonly detail: string;
  readonly errno: number;
  /** Packets read in all loops, filtered out or not. */
  readonly packets: number;
  readonly loops: number;
  /** Files read to their end in which there was no packet. */
  readonly withoutPackets: readonly string[];
}

/** The replay thread. Reads files straight into a ring. */
export interface NativeReplay {
  /** Once. Keeps the event loop alive until onEnd was called, which is once. */
  start(ring: RingHandle, onEnd: (end: NativeReplayEnd) => void, onLinktype: (linktype: number) => void): void;
  stop(): void;
  /** Answers onLinktype, for which the thread waits: a program of struct bpf_insn in the host's byte order. */
  setFilter(linktype: number, program: Uint8Array): void;
  /** Also before start(). */
  pause(): void;
  /** Forgets steps not yet taken. */
  resume(): void;
  /** Pauses, and lets this many packets through at once. */
  step(packets: number): void;
  paused(): boolean;
}

/** A consumer's choice of packets, made a stretch of the ring at a time. */
export interface NativeSelection {
  /** `struct Pass` of native/core/selection.h; select() fills it in. */
  readonly results: ArrayBuffer;
  /** A program of struct bpf_insn in the host's byte order. Its number. Throws a NativeFailure for one that isn't safe to run. */
  addProgram(program: Uint8Array): number;
  /** What becomes of an interface's packets: 0 none of them, 1 all, else a program's number. */
  decide(interfaceIndex: number, verdict: number, linktype: number): void;
  /** A fixed share of the flows: number `index` of `of`, from 0; `common`: and all packets that don't tell their flow. */
  setShare(index: number, of: number, common: boolean): void;
  /** What a share group, whose memory this is, gives to a member in one lane from the epoch on in which it joined. */
  join(shares: ArrayBuffer, member: number, epoch: number, lane: number): void;
  /** As RecordSelector.select, over a ring's whole mapping. Throws RangeError for a stretch outside of it. */
  select(memory: ArrayBuffer, from: number, softEnd: number, hardEnd: number, max: number): void;
}

/** What ringAddInterface is told; fields as in InterfaceInfo, the time's source by its number in include/pkttap.h. */
export interface NativeInterface {
  readonly linktype: number;
  readonly snaplen: number;
  readonly section: number;
  readonly timestampSource: 0 | 1 | 2 | 3;
  readonly fcslen?: number;
  readonly name?: string;
  readonly description?: string;
  readonly filter?: string;
  readonly os?: string;
}

/** A user to become; numbers as the kernel knows them. */
export interface NativeUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** A Zstandard frame, made piece by piece on the thread pool; one call at a time. */
export interface NativeZstd {
  /** Whole blocks with these bytes, which must stay as they are meanwhile. The frame ends with the bytes 1, 0, 0. */
  compress(bytes: Uint8Array): Promise<Uint8Array>;
}

/** The core module. */
export interface CoreBinding {
  /** `capacity`: of each ring. `lanes`: 1 to 16, default 1. */
  createRing(
    capacity: number,
    stallTimeoutMs: number,
    firstPosition: bigint,
    firstSequence: bigint,
    lanes?: number,
  ): RingHandle;
  releaseRing(ring: RingHandle): void;
  /** Of each lane. */
  ringCounters(ring: RingHandle): RingCounters[];
  /** Throws a NativeFailure without an errno for what is refused: a full share group, a place that can't be resumed at. */
  ringAttach(ring: RingHandle, socketFd: number, request: RingRequest): RingAttachment;
  /** Gives a share group's member's flows to the others: the position in each lane at which its packets end. Empty: it is none. */
  ringRetire(ring: RingHandle, id: number): bigint[];
  ringDetach(ring: RingHandle, id: number): HandOver;
  /** Of each lane. */
  ringGenerations(ring: RingHandle): bigint[];
  ringSession(ring: RingHandle, id: number): RingSession | undefined;
  /** Reason: 1 finished, 2 stopped, 3 failed. The first call counts. */
  ringEnd(ring: RingHandle, reason: 1 | 2 | 3, message: string): void;
  /** For sources without a native thread. Throws a NativeFailure when the table is full. Returns the interface's index. */
  ringAddInterface(ring: RingHandle, info: NativeInterface): number;
  /**
   * Copies packets into the ring and publishes them, without ever waiting. `records`: as in the ring (src/packet/record.ts),
   * each padded to 8; flowHash, sequence and the truncated flag are filled in. Returns how many bytes of whole records were
   * taken: fewer than given while a lossless consumer is behind, so try the rest a little later. Throws a NativeFailure at
   * a record that is out of bounds or of no interface; those before it are taken. Counts them as received.
   */
  ringAppend(ring: RingHandle, records: Uint8Array): number;
  /** The time, in nanoseconds since 1970, for packets to which nobody else gives one. */
  realtimeNs(): bigint;
  ringOnSessionChange(ring: RingHandle, callback: () => void): void;
  mapRing(fd: number): NativeMapping;
  mapCursor(fd: number): NativeMapping;
  /** A share group's memory. */
  mapShares(fd: number): NativeMapping;
  Replay: new (options: NativeReplayOptions) => NativeReplay;
  /** Throws a NativeFailure where libzstd isn't installed. */
  Zstd: new () => NativeZstd;
  /** Which library is lacking to unpack savefiles of this kind, in a sentence. */
  missingDecoder(compression: 'zstd' | 'lz4'): string | undefined;
  /** `sample`: each so-manieth packet of those that match, from 1. `snaplen`: bytes of each that are shown, from 1. */
  Selection: new (
    sample: number,
    snaplen: number,
  ) => NativeSelection;
  /** SOCK_SEQPACKET, non-blocking, close-on-exec. Returns the descriptor. */
  listen(path: string, mode: number): number;
  connect(path: string): number;
  accept(listener: number): number | undefined;
  /** One message, whole or not at all. Returns an errno, 0 for success. */
  send(fd: number, message: Uint8Array, fds: readonly number[]): number;
  /** `bytes` 0: the peer has closed. undefined: nothing there. Throws EMFILE if descriptors were lost. */
  receive(fd: number, buffer: Uint8Array, maxFds: number): { bytes: number; fds: number[] } | undefined;
  peerCredentials(fd: number): PeerCredentials;
  closeFd(fd: number): void;
  /** The two ends of a connection: SOCK_SEQPACKET, non-blocking, close-on-exec. */
  socketPair(): [number, number];
  /** Whether the descriptor is a Unix SOCK_SEQPACKET socket. */
  isChannelSocket(fd: number): boolean;
  duplicateFd(fd: number): number;
  /** Blocks until the descriptor is readable or writable, or the time is up (-1: no limit). Whether it is ready. */
  waitFor(fd: number, writable: boolean, timeoutMs: number): boolean;
  /** One message, the header before the body; whole or not at all. Returns an errno, 0 for success. */
  channelSend(fd: number, header: Uint32Array, body: Uint8Array, fds: readonly number[] | undefined): number;
  /**
   * Returns the message's bytes; -1: nothing there; -2: nothing will come any more. `fds[0]` becomes the number of
   * descriptors that came, and they stand behind it. Throws EMFILE if descriptors were lost.
   */
  channelReceive(fd: number, buffer: Uint8Array, fds: Int32Array): number;
  /** A memfd with a copy of the bytes that nobody can change or resize. */
  sealBytes(bytes: Uint8Array): number;
  /** A copy of what sealBytes made; undefined for more than 64 KiB, which are better mapped. Throws for anything else. */
  readSealed(fd: number, maxBytes: number): ArrayBuffer | undefined;
  /** Leaves a buffer, and all views of it, empty. */
  detach(buffer: ArrayBuffer): void;
  /** Maps what sealBytes made, privately: writing changes this process's copy. Throws for anything else, and for no bytes. */
  mapSealed(fd: number, maxBytes: number): NativeMapping;
  /** Memory of zeros whose size nobody can change, mapped here. */
  createShared(bytes: number): NativeMapping & { readonly fd: number };
  /** Maps what createShared made, of a size in this range. Throws for anything else. */
  mapShared(fd: number, minBytes: number, maxBytes: number): NativeMapping;
  /** Waits for an exclusive flock(2), held until the returned descriptor is closed. */
  lockFile(path: string): number;
  /**
   * On all threads: becomes the user, with its groups, and gives up all capabilities but `kept` (bits as capabilities(7)
   * numbers them). A failure may have come halfway: end the process.
   */
  relinquish(user: NativeUser | undefined, kept: bigint): void;
  /** Runs `work` making and opening files as this user and group would, with this thread alone. Without effect unless root. */
  asUser<T>(uid: number, gid: number, work: () => T): T;
  /** On all threads: no_new_privs; not dumpable, and no core file. */
  harden(): void;
  /** On all threads, for good: a seccomp filter, see native/core/seccomp.h. After harden(). */
  restrictSystemCalls(anySockets: boolean): void;
  /** A message of sd_notify(3) to the address in $NOTIFY_SOCKET. */
  notifyServiceManager(address: string, message: string): void;
  /** Takes over a listening SOCK_SEQPACKET socket that was inherited. Returns its path. */
  adoptListener(fd: number): string;
  Poll: new (fd: number, onReadable: () => void) => Poll;
}

let loaded: CoreBinding | undefined;

/** The core module, loaded at first use. Throws ERR_TAP_NATIVE if it isn't built. */
export function core(): CoreBinding {
  loaded ??= loadNative<CoreBinding>('core', 'build it with `npm run build:native` (needs g++, make and python3)');
  return loaded;
}

/** Whether an error came from native code, with errno and syscall. */
export function isNativeFailure(error: unknown): error is NativeFailure {
  return error instanceof Error && 'errno' in error && 'syscall' in error && 'detail' in error;
}
