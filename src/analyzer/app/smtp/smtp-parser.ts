// SMTP over TCP (RFC 5321): the client's commands, and of the server's replies what they mean for them. A transaction is a
// message: it begins with the first command and ends with the letter, or with RSET.

import type { AppListener, AppParser, AppProtocol, AppProtocolEntry } from '../app-types.js';
import { Direction, Verdict } from '../app-types.js';
import { LineReader } from '../line-reader.js';
import { latin1 } from '../text.js';
import { LetterReader } from './letter/letter-reader.js';
import { ReplyCounter } from './reply-counter.js';
import { SmtpTransaction } from './smtp-transaction.js';

/** Suricata's bound. */
const MAX_LINE_BYTES = 2048;
const GO_ON_WITH_DATA = 354;
const READY = 220;

export const SMTP: AppProtocolEntry = {
  protocol: 'smtp',
  probe,
  create: (listener) => new SmtpParser(listener),
};

class SmtpParser implements AppParser {
  readonly protocol: AppProtocol = 'smtp';
  upgraded = false;
  #isGreeted = false;
  readonly #listener: AppListener;
  readonly #commands = new LineReader(MAX_LINE_BYTES);
  readonly #replies = new ReplyCounter();
  readonly #answers = new LineReader(MAX_LINE_BYTES);
  #tx: SmtpTransaction | undefined;
  #nextId = 0;
  #helo: string | undefined;
  /** Of the letter that has begun. */
  #reader: LetterReader | undefined;
  #broken = false;

  constructor(listener: AppListener) {
    this.#listener = listener;
  }

  get done(): boolean {
    return this.#broken;
  }

  data(direction: number, bytes: Uint8Array): void {
    if (this.#broken || this.upgraded) return;
    if (direction === Direction.toServer) this.#fromClient(bytes);
    else this.#fromServer(bytes);
  }

  /** A letter may have holes. Elsewhere nobody knows what was said. */
  gap(direction: number, length: number): void {
    const isLetters = direction === Direction.toServer && this.#reader?.isReading === true;
    if (!isLetters || !this.#reader!.gap(length)) this.#broken = true;
  }

  close(): void {
    this.#finish();
  }

  #fromClient(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#reader?.isReading === true) rest = this.#letterBytes(this.#reader, rest);
      else rest = this.#commands.read(rest, (line, endBytes) => this.#command(latin1(line), endBytes === 0));
    }
  }

  /** The end of data is answered, and is the message's. With chunks, as Suricata sees it, what follows belongs to it. */
  #letterBytes(reader: LetterReader, bytes: Uint8Array): Uint8Array {
    const rest = reader.take(bytes);
    if (!reader.isData || !reader.isOver) return rest;
    this.#replies.ask();
    this.#finish();
    return rest;
  }

  /** Whether another command may follow. */
  #command(line: string, isCut: boolean): boolean {
    if (isCut) this.#listener.anomaly('smtp', 'max_command_line_len_exceeded', Direction.toServer);
    const [, verb = '', rest = ''] = /^(\S*)\s*(.*)$/.exec(line) ?? [];
    const asked = this.#replies.ask();
    this.#tx ??= new SmtpTransaction(this.#nextId++, this.#helo);
    this.#act(verb.toUpperCase(), rest, asked);
    if (this.#tx !== undefined) this.#listener.transaction(this.#tx, Direction.toServer);
    return this.#reader?.isReading !== true;
  }

  #act(verb: string, rest: string, asked: number): void {
    const tx = this.#tx!;
    if (verb === 'HELO' || verb === 'EHLO') tx.helo = this.#helo = firstWord(rest);
    else if (verb === 'MAIL') this.#setSender(tx, addressOf(rest));
    else if (verb === 'RCPT') tx.addRecipient(addressOf(rest));
    else if (verb === 'BDAT' && /^\d/.test(rest)) this.#openLetter().beginChunk(rest);
    else if (verb === 'RSET') this.#finish();
    else if (verb === 'DATA') this.#beginLetter(asked);
    else if (verb === 'STARTTLS') this.#replies.await(asked, (code) => this.#afterStartTls(code));
  }

  #setSender(tx: SmtpTransaction, address: string): void {
    if (!tx.setSender(address)) this.#listener.anomaly('smtp', 'duplicate_fields', Direction.toServer);
  }

  #openLetter(): LetterReader {
    if (this.#reader === undefined || this.#reader.isOver)
      this.#reader = new LetterReader(this.#listener.wantsBodies === true);
    this.#tx!.letter ??= this.#reader.letter;
    return this.#reader;
  }

  /** Believed at once, as the server's side may not have been captured; taken back if the server does not agree. */
  #beginLetter(asked: number): void {
    const reader = this.#openLetter();
    const tx = this.#tx;
    reader.beginData();
    this.#replies.await(asked, (code) => {
      if (code === GO_ON_WITH_DATA) return;
      if (this.#reader === reader) this.#reader = undefined;
      this.#listener.anomaly('smtp', 'data_command_rejected', Direction.toClient, tx);
    });
  }

  #afterStartTls(code: number): void {
    if (code === READY) this.upgraded = true;
    else this.#listener.anomaly('smtp', 'tls_rejected', Direction.toClient);
  }

  #fromServer(bytes: Uint8Array): void {
    this.#answers.read(bytes, (line, endBytes) => {
      if (endBytes === 0) this.#listener.anomaly('smtp', 'max_reply_line_len_exceeded', Direction.toClient);
      const [, code, more] = /^(\d{3})([ -]?)/.exec(latin1(line, 0, Math.min(line.length, 4))) ?? [];
      if (code === undefined) this.#listener.anomaly('smtp', 'invalid_reply', Direction.toClient);
      else this.#reply(Number(code), more === '-');
      return !this.upgraded;
    });
  }

  /** The first one greets. */
  #reply(code: number, hasMore: boolean): void {
    if (!this.#isGreeted && code !== READY)
      this.#listener.anomaly('smtp', 'no_server_welcome_message', Direction.toClient);
    this.#isGreeted = true;
    if (!hasMore && !this.#replies.reply(code))
      this.#listener.anomaly('smtp', 'unable_to_match_reply_with_request', Direction.toClient);
  }

  #finish(): void {
    if (this.#reader?.isOver === false) this.#reader.letter.cut();
    this.#reader = undefined;
    if (this.#tx === undefined) return;
    this.#tx.complete = true;
    this.#listener.transaction(this.#tx, Direction.toServer);
    this.#listener.finished(this.#tx);
    this.#tx = undefined;
  }
}

function firstWord(text: string): string {
  return /^\S*/.exec(text)![0];
}

/** What follows the colon of `FROM:` or `TO:`, up to parameters. */
function addressOf(text: string): string {
  return firstWord(text.slice(text.indexOf(':') + 1).trimStart());
}

/** Of EHLO and HELO in either case, and of 220. */
const FIRST_LETTERS = [Buffer.from('EHeh'), Buffer.from('2')];

/** A client that greets, or a server that names itself in its greeting. */
function probe(direction: number, bytes: Uint8Array): number {
  if (!FIRST_LETTERS[direction]!.includes(bytes[0]!)) return Verdict.no;
  const head = latin1(bytes).toUpperCase();
  if (direction === Direction.toServer) return verdictOn(head, /^(?:EHLO|HELO)(?:\s|$)/, ['EHLO ', 'HELO ']);
  return verdictOn(head, /^220[ -][^\n]*SMTP/, ['220 ', '220-']);
}

function verdictOn(head: string, whole: RegExp, beginnings: readonly string[]): number {
  if (whole.test(head)) return Verdict.yes;
  const mayBecome = beginnings.some((text) => text.startsWith(head) || head.startsWith(text));
  return mayBecome && !head.includes('\n') ? Verdict.needsMore : Verdict.no;
}
