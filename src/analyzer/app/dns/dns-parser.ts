// DNS over TCP (RFC 1035, section 4.2.2). A message is looked at once it is whole; the most that waits is one message of
// 64 KiB in each direction.

import type { AppFlow, AppListener, AppParser, AppProtocol, AppProtocolEntry } from '../app-types.js';
import { Verdict } from '../app-types.js';
import { ByteRange } from '../byte-range.js';
import { StreamBytes } from '../stream-bytes.js';
import { verdictOnPiece, verdictOnStream } from './dns-probe.js';
import { readAndTellDns } from './dns-teller.js';

export const DNS: AppProtocolEntry = {
  protocol: 'dns',
  probe: (_direction: number, bytes: Uint8Array, flow: AppFlow) => verdictOnStream(bytes, flow),
  create: (listener) => new DnsParser(listener),
};

const range = new ByteRange();

class DnsParser implements AppParser {
  readonly protocol: AppProtocol = 'dns';
  readonly done = false;
  readonly #listener: AppListener;
  readonly #waiting = [new StreamBytes(), new StreamBytes()] as const;
  readonly #lost = [false, false];
  #nextId = 0;

  constructor(listener: AppListener) {
    this.#listener = listener;
  }

  data(direction: number, piece: Uint8Array): void {
    if (this.#lost[direction] && verdictOnPiece(piece) === Verdict.no) return;
    this.#lost[direction] = false;
    const bytes = this.#waiting[direction]!.join(piece);
    let at = 0;
    while (bytes.length - at >= 2) {
      const end = at + 2 + bytes[at]! * 256 + bytes[at + 1]!;
      if (end === at + 2 || bytes.length < end) break;
      if (readAndTellDns(this.#listener, direction, range.moveTo(bytes, at + 2, end), this.#nextId)) this.#nextId++;
      at = end;
    }
    this.#waiting[direction]!.keep(bytes.subarray(at));
  }

  /** What follows a gap begins anywhere in a message; it is looked at again when a piece begins like one. */
  gap(direction: number): void {
    this.#waiting[direction]!.clear();
    this.#lost[direction] = true;
  }

  close(): void {}
}
