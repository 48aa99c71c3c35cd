// Whether both directions of a connection speak the protocol that one of them was recognised by: by what Suricata looks for
// in either, so that its rules about connections that don't (app-layer-events.rules) tell the same here.

import type { AppProtocol } from './app-types.js';
import { latin1 } from './text.js';

/** What a direction of the protocol begins with: from the client, from the server. */
type Beginnings = readonly [(text: string) => boolean, (text: string) => boolean];

const METHODS =
  'GET|POST|HEAD|PUT|TRACE|OPTIONS|CONNECT|DELETE|PATCH|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|CHECKOUT|CHECKIN|' +
  'UNCHECKOUT|MKWORKSPACE|UPDATE|LABEL|REPORT|MKACTIVITY|MERGE|INVALID|VERSION-CONTROL|BASELINE-CONTROL';
const REQUEST = new RegExp(`^(?:${METHODS})[ \\t]`);

function isTlsRecord(text: string): boolean {
  const type = text.charCodeAt(0);
  return type >= 20 && type <= 23 && text.charCodeAt(1) === 3;
}

function isSsl2Hello(text: string): boolean {
  return text.charCodeAt(0) >= 0x80 && text.charCodeAt(2) === 1;
}

const isSsh = (text: string) => text.startsWith('SSH-');

const BEGINNINGS: Readonly<Partial<Record<AppProtocol, Beginnings>>> = {
  http: [(text) => REQUEST.test(text), (text) => /^HTTP\/(?:0\.9|1\.[01])/.test(text)],
  // A server is not recognised by its greeting: every connection with one is told of.
  smtp: [(text) => /^(?:EHLO|HELO|QUIT)\s/i.test(text), () => false],
  ssh: [isSsh, isSsh],
  tls: [(text) => isTlsRecord(text) || isSsl2Hello(text), isTlsRecord],
};

/** What the side that answers begins with at least: while it has sent less of that, it may still speak the protocol. */
const LEAST: Readonly<Partial<Record<AppProtocol, string>>> = { http: 'HTTP/1.1', ssh: 'SSH-' };

/** Bytes that are enough to tell. */
const ENOUGH = 20;

/** The two events that there are. */
export type BothWaysEvent =
  | 'applayer_detect_protocol_only_one_direction'
  | 'applayer_mismatch_protocol_both_directions';

/** Judges each direction by what it begins with. */
export class BothWays {
  readonly #isProtocol: (boolean | undefined)[] = [undefined, undefined];
  readonly #isOther = [false, false];
  /** Of each direction, what came of it before it told. */
  readonly #texts = ['', ''];
  readonly #protocol: AppProtocol;

  constructor(protocol: AppProtocol) {
    this.#protocol = protocol;
  }

  /** Whether nothing more is to be asked: both directions were seen, or the protocol is not judged at all. */
  get isDecided(): boolean {
    return BEGINNINGS[this.#protocol] === undefined || !this.#isProtocol.includes(undefined);
  }

  /** Takes what a direction begins with; the event, if that was the second one and they don't agree. */
  take(direction: number, bytes: Uint8Array): BothWaysEvent | undefined {
    const beginnings = BEGINNINGS[this.#protocol];
    if (beginnings === undefined || this.#isProtocol[direction] !== undefined || bytes.length === 0) return undefined;
    const text = `${this.#texts[direction]}${latin1(bytes, 0, Math.min(bytes.length, ENOUGH))}`;
    this.#texts[direction] = text;
    if (LEAST[this.#protocol]?.startsWith(text) && text !== LEAST[this.#protocol]) return undefined;
    this.#isProtocol[direction] = beginnings[direction as 0 | 1](text);
    this.#isOther[direction] = !this.#isProtocol[direction] && isAnother(this.#protocol, direction, text);
    return this.isDecided ? this.#verdict() : undefined;
  }

  #verdict(): BothWaysEvent | undefined {
    if (this.#isOther.includes(true)) return 'applayer_mismatch_protocol_both_directions';
    const [client, server] = this.#isProtocol;
    return client === server ? undefined : 'applayer_detect_protocol_only_one_direction';
  }
}

function isAnother(protocol: AppProtocol, direction: number, text: string): boolean {
  const side = direction as 0 | 1;
  return Object.entries(BEGINNINGS).some(([name, beginnings]) => name !== protocol && beginnings[side](text));
}
