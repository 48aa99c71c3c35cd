// One message: its envelope, which says who sends it to whom, and the letter in it.

import type { EveWriter } from '../../eve/eve-writer.js';
import { type AppProtocol, Direction, type Transaction } from '../app-types.js';
import { bytesOf, eveText } from '../text.js';
import type { Letter } from './letter/letter.js';
import { emailObject } from './letter/letter-eve.js';

const MAX_RECIPIENTS = 1024;

export class SmtpTransaction implements Transaction {
  readonly protocol: AppProtocol = 'smtp';
  readonly id: number;
  helo: string | undefined;
  complete = false;
  /** What the client sends as data; undefined before it does. */
  letter: Letter | undefined;
  #mailFrom: string | undefined;
  readonly #rcptTo: string[] = [];

  constructor(id: number, helo: string | undefined) {
    this.id = id;
    this.helo = helo;
  }

  /** The first sender of a message counts. False: there was one. */
  setSender(address: string): boolean {
    const isFirst = this.#mailFrom === undefined;
    if (isFirst) this.#mailFrom = address;
    return isFirst;
  }

  addRecipient(address: string): void {
    if (this.#rcptTo.length < MAX_RECIPIENTS) this.#rcptTo.push(address);
  }

  isComplete(): boolean {
    return this.complete;
  }

  /** `smtp.helo`, `smtp.mail_from`, `smtp.rcpt_to` for each; `file.data` and `file.name` of each attachment. */
  buffers(name: string, direction: number): readonly Uint8Array[] {
    if (direction !== Direction.toServer) return [];
    if (name.startsWith('smtp.')) return this.#envelope(name).map(bytesOf);
    const attachments = this.letter?.attachments ?? [];
    if (name === 'file.data') return attachments.map(({ content }) => content.bytes);
    return name === 'file.name' ? attachments.map((attachment) => bytesOf(attachment.name)) : [];
  }

  #envelope(name: string): readonly string[] {
    if (name === 'smtp.rcpt_to') return this.#rcptTo;
    const text = name === 'smtp.helo' ? this.helo : name === 'smtp.mail_from' ? this.#mailFrom : undefined;
    return text === undefined ? [] : [text];
  }

  /** `filesize`: of a single attachment that was kept whole. */
  number(name: string, direction: number): number | undefined {
    if (name !== 'filesize' || direction !== Direction.toServer || !this.complete) return undefined;
    const [only, ...others] = this.letter?.attachments ?? [];
    return only === undefined || others.length > 0 || only.content.isFull ? undefined : only.content.length;
  }

  writeEve(out: EveWriter): void {
    out.members({
      smtp: {
        ...(this.helo !== undefined && { helo: eveText(this.helo) }),
        ...(this.#mailFrom !== undefined && { mail_from: eveText(this.#mailFrom) }),
        ...(this.#rcptTo.length > 0 && { rcpt_to: this.#rcptTo.map(eveText) }),
      },
      ...(this.letter && { email: emailObject(this.letter) }),
    });
  }
}
