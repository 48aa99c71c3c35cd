// What the analyzer's parts say to each other about application layers: reassembly hands bytes to a handler, a parser
// tells its listener of transactions, rules and events read those. Only types, and the two directions.

import type { EveWriter } from '../eve/eve-writer.js';
import type { StreamEvent } from '../stream/stream-events.js';
import type { ByteRange } from './byte-range.js';

/** Which way bytes go: rules' `flow:to_server` and `flow:to_client`. */
export const Direction = { toServer: 0, toClient: 1 } as const;

/** What the bytes of a TCP stream go to: in order, each once. */
export interface StreamHandler {
  /** `bytes` may lie in the ring: they are valid during the call only. */
  data(direction: number, bytes: Uint8Array): void;
  /** So many bytes never came. */
  gap(direction: number, length: number): void;
  /** So many bytes came that nobody wants to see: only where somebody said so. */
  pass?(direction: number, length: number): void;
  /** Both sides are done, or the flow ended. */
  close(): void;
  /** Something is odd about the bytes' way, by Suricata's name of the stream event. */
  notice?(event: StreamEvent): void;
}

/** Suricata's names of protocols, as `app_proto` has them. */
export type AppProtocol = 'dns' | 'http' | 'tls' | 'ssh' | 'smtp' | 'dhcp' | 'quic';

/** What somebody remembers of a transaction. */
export interface TransactionMemory {
  /** The object is another transaction from now on. */
  forget(): void;
  /** What was there of this direction was only preliminary: it comes anew. */
  beginAnew(): void;
}

/** A request and its answer, or what a protocol has instead. Valid until its `finished` was called. */
export interface Transaction {
  readonly protocol: AppProtocol;
  /** Counts from 0 within the flow: `tx_id`. */
  readonly id: number;
  /** Who is the event's source: the sender of this direction. Default: the client, whoever sent what. */
  readonly sentBy?: number;
  /** By direction: room for what whoever looks at it remembers of it. Parsers leave it alone, or have all of it forget. */
  notes?: TransactionMemory[];
  /** Whether this direction has all that it will have: buffers that are looked at once only are looked at then. */
  isComplete(direction: number): boolean;
  /**
   * A sticky buffer by its name in the rules' language (`http.uri`, `dns.query`, `tls.sni`, `file.data`): what is known
   * of it so far. Empty: nothing yet, or no such buffer in this direction. Several: each is matched on its own.
   */
  buffers(name: string, direction: number): readonly Uint8Array[];
  /** Whether the body of this direction only grows at its end: what was looked at needn't be once more. Default: it may change. */
  onlyGrows?(direction: number): boolean;
  /** For who was told that it has finished, and looks at it no more: its memory is used again. */
  letGo?(): void;
  /** What keywords compare as a number (`dns.opcode`, `tls.version`), in a direction; undefined: unknown. */
  number(name: string, direction: number): number | undefined;
  /**
   * Writes what the event is about as members of its record: `"dns":{…},`. `forAlert`: as an alert shows it, which may be
   * less or, for dns, of another form.
   */
  writeEve(out: EveWriter, forAlert: boolean): void;
}

/** Who is told what the parsers find. Calls come from within data(), gap() and close(). */
export interface AppListener {
  /** Whether rules look into bodies of messages and certificates: without them, none is kept. Default false. */
  readonly wantsBodies?: boolean;
  /** More of the transaction is known, by bytes of this direction: rules look now. */
  transaction(tx: Transaction, direction: number): void;
  /** Nothing more will come: it is reported as an event. Each transaction finishes once. */
  finished(tx: Transaction): void;
  /** Something is wrong, by Suricata's name of the event in that protocol (`malformed_data`); told once of a transaction. */
  anomaly(protocol: AppProtocol | 'failed', event: string, direction: number, tx?: Transaction): void;
  /** The connection as a whole is odd, by the name that rules have for it (`applayer_…`). */
  detectionAnomaly?(protocol: AppProtocol, event: string, direction: number): void;
}

/** What a flow's protocol may be told from, beside its bytes. */
export interface AppFlow {
  readonly srcPort: number;
  readonly dstPort: number;
  /** The protocol that the flow began with, once it has changed: STARTTLS, CONNECT. */
  readonly fromProtocol?: AppProtocol | undefined;
}

/** The parser of one flow of datagrams. */
export interface DatagramParser {
  /** It will look at nothing more, in either direction. */
  readonly done: boolean;
  /** One whole payload; valid during the call only. */
  data(direction: number, datagram: ByteRange): void;
}

/** The parser of one connection. */
export interface AppParser extends StreamHandler {
  readonly protocol: AppProtocol;
  /** It will look at nothing more, in either direction: reassembly may stop. */
  readonly done: boolean;
  /** It is done, and close() will tell nothing: whoever keeps it may let it go. Default false. */
  readonly isOver?: boolean;
  /** What comes now is encrypted: rules look at the stream no more. Default: it isn't. */
  readonly encrypted?: boolean;
  /** And at no payload of packets, either; only then nothing of the stream is wanted any more. Default: they do. */
  readonly hidden?: boolean;
  /** How many of a direction's next bytes it would only count: instead of them it takes a gap. Default 0. */
  unread?(direction: number): number;
  /** From now on the flow speaks another protocol, which is recognised anew. This parser is closed then. */
  readonly upgraded?: boolean;
}

/** What a probe says of the first bytes of a direction. `reversed`: yes, and the server sent them, not the client. */
export const Verdict = { no: 0, needsMore: 1, yes: 2, reversed: 3 } as const;

/** How a protocol over TCP is recognised, and its parser made. */
export interface AppProtocolEntry {
  readonly protocol: AppProtocol;
  /** A {@link Verdict} on the bytes that a direction begins with. Reads no byte beyond them, keeps nothing. */
  probe(direction: number, bytes: Uint8Array, flow: AppFlow): number;
  create(listener: AppListener, flow: AppFlow): AppParser;
}
