// One message's envelope: who sends it to whom, as the commands say. Letters and their attachments are not looked into.

import type { AppProtocol, Transaction } from '../app-types.js';
import { eveText } from '../text.js';

const MAX_RECIPIENTS = 1024;

export class SmtpTransaction implements Transaction {
  readonly protocol: AppProtocol = 'smtp';
  readonly id: number;
  helo: string | undefined;
  complete = false;
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

  buffers(): readonly Uint8Array[] {
    return [];
  }

  number(): undefined {
    return undefined;
  }

  eve(): Record<string, unknown> {
    return {
      smtp: {
        ...(this.helo !== undefined && { helo: eveText(this.helo) }),
        ...(this.#mailFrom !== undefined && { mail_from: eveText(this.#mailFrom) }),
        ...(this.#rcptTo.length > 0 && { rcpt_to: this.#rcptTo.map(eveText) }),
      },
    };
  }
}
