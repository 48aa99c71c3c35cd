// The application layer of one connection: tells the protocol by the first bytes of either direction, whatever the port, and
// hands all bytes on to its parser, those first ones included. When neither direction is recognised by its first bytes,
// the connection is `failed`, and then nothing is kept or looked at any more.

import type { AppFlow, AppListener, AppParser, AppProtocol, StreamHandler } from './app-types.js';
import { Verdict } from './app-types.js';
import { BothWays } from './both-ways.js';
import { PROTOCOLS } from './protocols.js';
import { MAX_HELD_BYTES, StreamHead } from './stream-head.js';

export * from './app-types.js';

/** One per TCP connection with payload. */
export class AppLayer implements StreamHandler {
  readonly #listener: AppListener;
  readonly #flow: AppFlow;
  #heads: readonly [StreamHead, StreamHead] | undefined;
  #parser: AppParser | undefined;
  #from: AppProtocol | undefined;
  #failed = false;
  #reversed = false;
  #bothWays: BothWays | undefined;

  constructor(listener: AppListener, flow: AppFlow) {
    this.#listener = listener;
    this.#flow = flow;
  }

  /** `failed` once given up, undefined while unknown. */
  get protocol(): AppProtocol | 'failed' | undefined {
    return this.#parser?.protocol ?? this.#from ?? (this.#failed ? 'failed' : undefined);
  }

  /** What the flow spoke before it changed to another protocol, as with STARTTLS; else undefined. */
  get originalProtocol(): AppProtocol | undefined {
    return this.#from;
  }

  /** Its end tells nothing more, whenever it comes. */
  get isOver(): boolean {
    return this.#failed || this.#parser?.isOver === true;
  }

  /** Nothing more will be looked at: whoever reassembles for this flow may stop. */
  get done(): boolean {
    return this.#failed || this.#parser?.done === true;
  }

  /** What comes now is encrypted: rules look at the stream no more. */
  get encrypted(): boolean {
    return this.#parser?.encrypted === true;
  }

  /** And at no payload of packets, either. */
  get hidden(): boolean {
    return this.#parser?.hidden === true;
  }

  /**
   * The first packet came from the server: the capture began between a question and its answer. All directions that the
   * listener is told are the protocol's own; whoever reports the flow's ends swaps them.
   */
  get reversed(): boolean {
    return this.#reversed;
  }

  data(direction: number, bytes: Uint8Array): void {
    if (this.#failed || bytes.length === 0) return;
    if (this.#parser === undefined) return this.#probeStream(direction, bytes);
    this.#judge(direction, bytes);
    this.#parser.data(this.#own(direction), bytes);
    this.#followUpgrade();
  }

  /** How many of a direction's next bytes nobody here would read: pass() takes their number. */
  unread(direction: number): number {
    const parser = this.#parser;
    if (parser?.unread === undefined || this.#bothWays !== undefined) return 0;
    return parser.unread(this.#own(direction));
  }

  /** For whom bytes are not read it is all the same whether they came. */
  pass(direction: number, length: number): void {
    this.#parser!.gap(this.#own(direction), length);
  }

  gap(direction: number, length: number): void {
    if (this.#parser !== undefined) this.#parser.gap(this.#own(direction), length);
    else if (!this.#failed) this.#giveUp(direction, length);
  }

  close(): void {
    this.#parser?.close();
    if (this.#parser === undefined) this.#fail();
  }

  #probeStream(direction: number, piece: Uint8Array): void {
    const known = this.#heads?.[direction];
    if (known?.hopeless === true) return known.add(piece);
    const bytes = known?.join(piece) ?? piece;
    const verdict = this.#probe(direction, bytes);
    if (verdict >= Verdict.yes && this.#heads === undefined && bytes.length <= MAX_HELD_BYTES)
      return this.#beginAtOnce(direction, bytes);
    this.#heads ??= [new StreamHead(), new StreamHead()];
    const head = this.#heads[direction]!;
    head.hold(bytes);
    if (verdict >= Verdict.yes) this.#begin(direction);
    else if (verdict === Verdict.no || head.hopeless) this.#giveUp(direction, 0);
  }

  /** Asks all protocols. Yes: the parser is there. */
  #probe(direction: number, bytes: Uint8Array): number {
    let result: number = Verdict.no;
    for (const entry of PROTOCOLS) {
      const verdict = entry.probe(direction, bytes, this.#flow);
      if (verdict >= Verdict.yes) {
        this.#reversed = verdict === Verdict.reversed;
        this.#parser = entry.create(this.#listener, { ...this.#flow, fromProtocol: this.#from });
        return verdict;
      }
      if (verdict === Verdict.needsMore) result = verdict;
    }
    return result;
  }

  /** Nearly every connection: its first bytes told, and nothing is held. */
  #beginAtOnce(direction: number, bytes: Uint8Array): void {
    this.#welcome();
    this.#judge(direction, bytes);
    this.#parser!.data(this.#own(direction), bytes);
    this.#followUpgrade();
  }

  /** What the other direction brought came first. */
  #begin(direction: number): void {
    const heads = this.#heads!;
    this.#heads = undefined;
    this.#welcome();
    for (const side of [1 - direction, direction]) this.#judge(side, heads[side]!.bytes);
    for (const side of [1 - direction, direction]) heads[side]!.giveTo(this.#parser!, this.#own(side));
    this.#followUpgrade();
  }

  /** There is a parser: from now on both directions are held against its protocol, if it is the first. */
  #welcome(): void {
    const { protocol } = this.#parser!;
    if (this.#from === undefined && !this.#reversed) this.#bothWays = new BothWays(protocol);
    else if (this.#from === 'smtp' && protocol !== 'tls') this.#tell('applayer_no_tls_after_starttls', 0);
  }

  /** Whoever acknowledges the bytes that decided is told of. */
  #judge(direction: number, bytes: Uint8Array): void {
    if (this.#bothWays === undefined) return;
    const event = this.#bothWays.take(direction, bytes);
    if (event !== undefined) this.#tell(event, 1 - direction);
    if (this.#bothWays.isDecided) this.#bothWays = undefined;
  }

  #tell(event: string, direction: number): void {
    this.#listener.detectionAnomaly?.(this.#parser!.protocol, event, direction);
  }

  /** STARTTLS and CONNECT: what comes now is recognised anew. */
  #followUpgrade(): void {
    const parser = this.#parser!;
    if (parser.upgraded !== true) return;
    parser.close();
    this.#from = parser.protocol;
    this.#parser = undefined;
  }

  #giveUp(direction: number, lost: number): void {
    this.#heads ??= [new StreamHead(), new StreamHead()];
    this.#heads[direction]!.lose(lost);
    if (this.#heads[1 - direction]!.hopeless) this.#fail();
  }

  #fail(): void {
    this.#failed = true;
    this.#heads = undefined;
  }

  #own(direction: number): number {
    return this.#reversed ? 1 - direction : direction;
  }
}
