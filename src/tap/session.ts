// One consumer, as the tap sees it: a connection, what it was given of the ring, and the few things it may say. A session
// believes nothing; whatever goes wrong in it ends it, and it alone.

import { decodeFromConsumer, encode } from '../control/codec.js';
import { Connection } from '../control/connection.js';
import { Deadline } from '../control/deadline.js';
import {
  type Bye,
  type CompileRequest,
  type ConsumerStats,
  type ControlRequest,
  type Hello,
  MAX_PROGRAM_PART,
  MAX_TEXT_LENGTH,
  type Policy,
  PROTOCOL_VERSIONS,
  type ProgramReply,
  type ResumeLane,
  type TapStats,
} from '../control/messages.js';
import { splitStats } from '../control/stats-reply.js';
import { ProtocolError, type TapError, type TapErrorCode } from '../errors.js';
import { core, type HandOver, isNativeFailure, type PeerCredentials, type RingHandle } from '../native/core.js';
import { explain } from '../native/failure.js';

/** What sessions of one tap have in common. */
export interface SessionHost {
  readonly name: string;
  readonly ring: RingHandle;
  readonly source: string;
  readonly defaultPolicy: 'lossless' | 'lossy';
  readonly stallTimeoutMs: number;
  /** A peer that connects and says nothing is disconnected after this long. */
  readonly helloTimeoutMs: number;
  readonly pid: number;
  stats(): TapStats;
  published(): number;
  mayControl(peer: PeerCredentials): boolean;
  /** Does as asked, or says why it doesn't. Never rejects. */
  control(request: ControlRequest): Promise<TapError | undefined>;
  /** Rejects for a filter that can't be compiled, or not for strangers. */
  compile(filter: string, linktype: number): Promise<Uint8Array>;
  onAttach(session: Session): void;
  /** What a consumer that leaves has left unread of its share. */
  onHandOver(left: HandOver): void;
  /** `last`: a consumer's statistics as it left. */
  onClose(session: Session, error?: unknown, last?: ConsumerStats): void;
}

/** No tap has packets of more. */
const MAX_LINKTYPES = 64;

type State = 'connected' | 'attached' | 'observing' | 'controlling' | 'closed';

/** A connection to a tap, from its hello to its end. */
export class Session {
  readonly #host: SessionHost;
  readonly #peer: PeerCredentials;
  readonly #connection: Connection;
  readonly #deadline: Deadline;
  #state: State = 'connected';
  #name = '';
  #ringId = 0;
  #publishedBefore = 0;
  #policy: Policy = 'lossy';
  #share: string | undefined;
  #isCompiling = false;
  #compiled = 0;

  /** Takes ownership of `fd`. */
  constructor(host: SessionHost, fd: number, peer: PeerCredentials) {
    this.#host = host;
    this.#peer = peer;
    this.#deadline = new Deadline(host.helloTimeoutMs, () => this.refuse('ERR_TAP_TIMEOUT', 'no hello came'));
    this.#connection = new Connection(fd, 0, {
      onMessage: (bytes) => this.#hear(bytes),
      onBell: () => this.evict('a consumer has no doorbell to ring'),
      onClose: (error) => this.#onClose(error),
    });
  }

  get attached(): boolean {
    return this.#state === 'attached';
  }

  get name(): string {
    return this.#name;
  }

  /** Says why and closes. */
  refuse(code: TapErrorCode, message: string): void {
    this.#sayRefused(code, message);
    this.#connection.close();
  }

  #sayRefused(code: TapErrorCode, message: string): void {
    this.#connection.send(encode({ type: 'refuse', code, message: message.slice(0, MAX_TEXT_LENGTH) }));
  }

  /** Ends this session for something it did. */
  evict(why: string): void {
    this.bye('evicted', why);
    this.#connection.close(new ProtocolError('ERR_TAP_EVICTED', why));
  }

  /** Says goodbye; the consumer closes when it has read what it wants. */
  bye(reason: Bye['reason'], message: string): void {
    this.#connection.send(encode({ type: 'bye', reason, message }));
  }

  close(): void {
    this.#connection.close();
  }

  /** Looks whether the ring's writer has changed this session: found it cheating, or gave up waiting for it. */
  review(): void {
    const state = this.attached ? core().ringSession(this.#host.ring, this.#ringId) : undefined;
    if (state === undefined) return;
    if (state.fault !== 0) this.evict(state.fault === 1 ? 'the cursor went back' : 'the cursor ran past the tail');
    else if (!state.lossless && this.#policy === 'lossless') this.#tellLossy();
  }

  /** Counts as of the moment at which the tap had published so many packets, so that they add up with the tap's. */
  stats(publishedByTap: number): ConsumerStats | undefined {
    const state = this.attached ? core().ringSession(this.#host.ring, this.#ringId) : undefined;
    if (state === undefined) return undefined;
    const published = publishedByTap - this.#publishedBefore;
    // The counts are the consumer's word: what can't be true, or came after that moment, is cut to what can.
    const delivered = Math.min(state.delivered, published);
    const filtered = Math.min(state.filtered, published - delivered);
    const missed = Math.min(state.missed, published - delivered - filtered);
    return {
      id: this.#ringId,
      name: this.#name,
      pid: this.#peer.pid,
      uid: this.#peer.uid,
      ...(this.#share !== undefined && { share: this.#share }),
      policy: state.lossless || this.#policy !== 'lossless' ? this.#policy : 'lossy',
      delivered,
      filtered,
      missed,
      lag: published - delivered - filtered - missed,
    };
  }

  /** A breach of the protocol ends the session. Whoever only speaks another dialect shall know by what. */
  #hear(bytes: Uint8Array): void {
    try {
      this.#onMessage(bytes);
    } catch (error) {
      if (error instanceof ProtocolError) this.#sayRefused(error.code, error.message);
      throw error;
    }
  }

  #onMessage(bytes: Uint8Array): void {
    const message = decodeFromConsumer(bytes);
    if (message.type === 'hello' && this.#state === 'connected') return this.#onHello(message);
    if (this.#state === 'connected') throw new ProtocolError('ERR_TAP_PROTOCOL', `${message.type} before hello`);
    if (message.type === 'hello') throw new ProtocolError('ERR_TAP_PROTOCOL', 'a second hello');
    if (message.type === 'bye') return this.#connection.close();
    if (message.type === 'leave') return this.#retire();
    if (message.type === 'compile') return void this.#compile(message);
    if (message.type === 'control' && this.#state !== 'controlling')
      throw new ProtocolError('ERR_TAP_PROTOCOL', 'control from one that is no controller');
    if (message.type === 'control') return void this.#control(message);
    this.#sendStats();
  }

  #onHello(hello: Hello): void {
    this.#deadline.clear();
    const version = PROTOCOL_VERSIONS.find((ours) => hello.versions.includes(ours));
    if (version === undefined) {
      const theirs = hello.versions.join(', ') || 'none';
      return this.refuse('ERR_TAP_VERSION', `the tap speaks version ${PROTOCOL_VERSIONS.join(', ')}, not ${theirs}`);
    }
    this.#name = hello.name;
    if (hello.role === 'controller' && !this.#host.mayControl(this.#peer)) {
      const message = `uid ${this.#peer.uid} may not control this tap: only root and the tap's own user may`;
      return this.refuse('ERR_TAP_REFUSED', message);
    }
    if (hello.role !== 'consumer') return this.#welcome(version, hello.role);
    try {
      this.#attach(hello, version);
    } catch (error) {
      // A detail without an errno is the ring's own no.
      const code = isNativeFailure(error) && error.errno === 0 ? 'ERR_TAP_REFUSED' : 'ERR_TAP_SYSTEM';
      const explained = explain(error, code, "can't attach a consumer");
      this.refuse(code, explained instanceof Error ? explained.message : String(explained));
    }
  }

  /** Of those that get no memory. */
  #welcome(version: number, role: 'observer' | 'controller'): void {
    this.#state = role === 'observer' ? 'observing' : 'controlling';
    const { name: tap, pid, source } = this.#host;
    this.#connection.send(encode({ type: 'welcome', version, tap, pid, source }));
  }

  async #control(request: ControlRequest): Promise<void> {
    const refusal = await this.#host.control(request);
    // It may have left meanwhile.
    if (this.#state !== 'controlling') return;
    if (refusal !== undefined) return this.refuse(refusal.code, refusal.message);
    this.#sendStats();
  }

  /** Attack: a consumer that asks for ever more, without waiting for answers, has us do nothing but compile. */
  async #compile({ filter, linktype }: CompileRequest): Promise<void> {
    if (!this.attached || this.#isCompiling || this.#compiled++ === MAX_LINKTYPES)
      return this.#connection.close(new ProtocolError('ERR_TAP_PROTOCOL', 'compile out of turn'));
    this.#isCompiling = true;
    try {
      this.#sendProgram(await this.#host.compile(filter, linktype));
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#sendPart({ instructions: new Uint8Array(0), more: false, problem });
    } finally {
      this.#isCompiling = false;
    }
  }

  /** The consumer reads on, and is asked nothing: its bye will find nothing unread. */
  #retire(): void {
    const ends = this.attached ? core().ringRetire(this.#host.ring, this.#ringId) : [];
    if (ends.length === 0) throw new ProtocolError('ERR_TAP_PROTOCOL', 'leave from one that is in no share group');
    this.#connection.send(encode({ type: 'left', ends }));
  }

  #sendProgram(program: Uint8Array): void {
    for (let at = 0; at < program.length; at += MAX_PROGRAM_PART) {
      const end = at + MAX_PROGRAM_PART;
      this.#sendPart({ instructions: program.subarray(at, end), more: end < program.length });
    }
  }

  /** It may have left meanwhile. */
  #sendPart(part: Omit<ProgramReply, 'type'>): void {
    if (this.attached) this.#connection.send(encode({ type: 'program', ...part }));
  }

  #sendStats(): void {
    for (const part of splitStats(this.#host.stats())) this.#connection.send(encode(part));
  }

  #attach(hello: Hello, version: number): void {
    const { ring, name: tap, pid, source, defaultPolicy, stallTimeoutMs } = this.#host;
    const policy = hello.policy ?? defaultPolicy;
    // Attack: a consumer that asks to be waited for could hold up a capture. Only the tap's owner allows that.
    if (policy === 'lossless' && defaultPolicy === 'lossy') {
      return this.refuse(
        'ERR_TAP_REFUSED',
        'this tap waits for no consumer: start it with --on-slow wait, or attach with --on-slow drop',
      );
    }
    const { start, share, resume } = hello;
    const resumed = resume !== undefined && this.#isOfOurRings(resume);
    const made = core().ringAttach(ring, this.#connection.fd, {
      oldest: start === 'oldest',
      lossless: policy === 'lossless',
      ...(share !== undefined && { share }),
      ...(resumed && { resume }),
    });
    this.#ringId = made.id;
    this.#policy = policy;
    this.#share = share;
    this.#state = 'attached';
    // The tap's rings begin at sequence 0, so a sequence is the number of packets published before it.
    this.#publishedBefore = made.lanes.reduce((sum, { sequence, missed }) => sum + Number(sequence) - missed, 0);
    const lanes = made.lanes.map(({ position, sequence, missed }) => ({ position, sequence, missed }));
    const membership = made.share && { member: made.id, epoch: made.share.epoch };
    const session = { policy, stallTimeoutMs, lanes, resumed, ...(membership && { share: membership }) };
    const fds = made.lanes.flatMap(({ ringFd, cursorFd }) => [ringFd, cursorFd]);
    if (made.share !== undefined) fds.push(made.share.fd);
    const sent = this.#connection.send(encode({ type: 'welcome', version, tap, pid, source, session }), fds);
    for (const fd of fds) core().closeFd(fd);
    if (sent) this.#host.onAttach(this);
  }

  /** Another tap's places mean nothing here: then the consumer begins as one that is new. */
  #isOfOurRings(lanes: readonly ResumeLane[]): boolean {
    const generations = core().ringGenerations(this.#host.ring);
    return generations.length === lanes.length && lanes.every((lane, i) => lane.generation === generations[i]);
  }

  #tellLossy(): void {
    this.#policy = 'lossy';
    const message = `made lossy: no progress for ${this.#host.stallTimeoutMs} ms`;
    this.#connection.send(encode({ type: 'notice', kind: 'made-lossy', message }));
  }

  #onClose(error?: unknown): void {
    this.#deadline.clear();
    const last = this.stats(this.#host.published());
    if (this.#state === 'attached') this.#host.onHandOver(core().ringDetach(this.#host.ring, this.#ringId));
    this.#state = 'closed';
    this.#host.onClose(this, error, last);
  }
}
