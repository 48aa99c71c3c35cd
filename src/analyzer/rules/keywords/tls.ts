// Keywords about TLS that aren't buffers: versions, states of the handshake, certificates' dates, and older names.

import { contentBytes, unquote } from '../content-text.js';
import { type Draft, narrowTo } from '../draft.js';
import { parseNumberTest } from '../number-test.js';
import { RuleProblem } from '../problem.js';
import type { NumberTest } from '../rule.js';
import { lowerCase } from './content.js';
import { bare, type Keyword, type Keywords, required } from './keyword.js';

const TLS_VERSIONS: Readonly<Record<string, number>> = { '1.0': 0x301, '1.1': 0x302, '1.2': 0x303, '1.3': 0x304 };
const SSL_VERSIONS: Readonly<Record<string, number>> = {
  sslv2: 2,
  sslv3: 0x300,
  'tls1.0': 0x301,
  'tls1.1': 0x302,
  'tls1.2': 0x303,
  'tls1.3': 0x304,
};
/** As a transaction's number `ssl_state` has them. */
const STATES: Readonly<Record<string, number>> = {
  client_hello: 1,
  server_hello: 2,
  client_keyx: 4,
  server_keyx: 8,
  unknown: 16,
};
const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d))?)?)?)?)?$/;

/** tls.version, ssl_version, ssl_state, tls_cert_*, tls.cert_chain_len, tls.subject, tls.issuerdn, tls.fingerprint. */
export const TLS: Keywords = {
  'tls.version': (draft, value, name) => {
    const text = bare(required(value, name));
    const wanted = TLS_VERSIONS[text] ?? (/^0x[0-9a-f]{4}$/i.test(text) ? Number(text) : undefined);
    if (wanted === undefined) throw new RuleProblem(`tls.version: ${text} is no version`);
    ask(draft, 'tls.version', (version) => version === wanted || (isDraft(version) && wanted === TLS_VERSIONS['1.3']));
  },
  ssl_version: (draft, value, name) => {
    const words = required(value, name).split(/\s*,\s*/);
    const isNegated = words.every((word) => word.startsWith('!'));
    const wanted = words.map((word) => lookUp(SSL_VERSIONS, word.replace(/^!/, '').trim().toLowerCase(), name));
    ask(draft, 'tls.version', (version) => wanted.includes(isDraft(version) ? 0x304 : version) !== isNegated);
  },
  ssl_state: (draft, value, name) => {
    const words = required(value, name).split(/\s*[|,]\s*/);
    const isNegated = words.some((word) => word.startsWith('!'));
    const wanted = words.reduce((bits, word) => bits | lookUp(STATES, word.replace(/^!/, '').trim(), name), 0);
    ask(draft, 'ssl_state', (state) => ((state & wanted) !== 0) !== isNegated);
  },
  tls_cert_notbefore: dated('tls.cert_notbefore'),
  tls_cert_notafter: dated('tls.cert_notafter'),
  tls_cert_expired: (draft) => ask(draft, 'tls.cert_notafter', (sec, packet) => packet.sec > sec),
  tls_cert_valid: (draft) => ask(draft, 'tls.cert_notafter', (sec, packet) => packet.sec <= sec),
  'tls.cert_chain_len': (draft, value, name) => ask(draft, name, parseNumberTest(required(value, name))),
  'tls.subject': inBuffer('tls.cert_subject'),
  'tls.issuerdn': inBuffer('tls.cert_issuer'),
  'tls.fingerprint': inBuffer('tls.cert_fingerprint', lowerCase),
};

function ask(draft: Draft, name: string, test: NumberTest): void {
  draft.numbers.push({ name, test });
  narrowTo(draft, ['tls']);
}

/** Drafts of TLS 1.3 have numbers of their own. */
function isDraft(version: number): boolean {
  return version >> 8 === 0x7f;
}

function lookUp(table: Readonly<Record<string, number>>, word: string, name: string): number {
  const found = Object.hasOwn(table, word) ? table[word] : undefined;
  if (found === undefined) throw new RuleProblem(`${name}: ${word} is none of ${Object.keys(table).join(', ')}`);
  return found;
}

/** `<2020`, `>2020-01-01`, `2020-01<>2021-01` (without its ends), or the very second. */
function dated(fact: string): Keyword {
  return (draft, value, name) => {
    const text = bare(required(value, name));
    const [first = '', second] = text.replace(/^[<>]\s*/, '').split(/\s*<>\s*/);
    const [from, to] = [secondsOf(first, name), second === undefined ? undefined : secondsOf(second, name)];
    ask(draft, fact, (sec) => {
      if (to !== undefined) return sec > from && sec < to;
      if (text.startsWith('<')) return sec < from;
      return text.startsWith('>') ? sec > from : sec === from;
    });
  };
}

function secondsOf(text: string, name: string): number {
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00'] = DATE.exec(text.trim()) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(time)) throw new RuleProblem(`${name}: ${text} is no date`);
  return time / 1000;
}

function inBuffer(buffer: string, fold = (byte: number) => byte): Keyword {
  return (draft, value, name) => {
    const { text, negated } = unquote(required(value, name));
    const bytes = contentBytes(text).map(fold);
    draft.addStepIn(buffer, { kind: 'content', bytes, nocase: false, negated, endswith: false, fastPattern: false });
    narrowTo(draft, ['tls']);
  };
}
