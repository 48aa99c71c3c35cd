// The heartbeats of a connection (RFC 6520), and what is wrong with the first that is: a length beyond its record, by which a
// server is made to send its memory (CVE-2014-0160), or an encrypted answer that is longer than its question.

/** Bytes of a message that are asked for: its type, and the length of its payload. */
export const HEARTBEAT_HEAD_BYTES = 3;
const MIN_PADDING_BYTES = 16;
const Type = { request: 1, response: 2 } as const;

/** A record of type heartbeat. */
export interface HeartbeatRecord {
  readonly direction: number;
  /** Bytes in it. */
  readonly length: number;
  /** What it begins with; less than HEARTBEAT_HEAD_BYTES if it has no more. */
  readonly head: Uint8Array;
  readonly isEncrypted: boolean;
}

export class Heartbeats {
  /** Who sent one that was not answered; -1: nobody. */
  #askedBy = -1;
  /** Its bytes, if it was encrypted; else 0. */
  #askedBytes = 0;
  #hasTold = false;

  /** The next one. Suricata's name of what is wrong with it, if something is; told once. */
  add(record: HeartbeatRecord): string | undefined {
    if (this.#hasTold) return undefined;
    const event = this.#askedBy < 0 ? this.#ask(record) : this.#answer(record);
    this.#hasTold = event !== undefined;
    return event;
  }

  #ask({ direction, length, head, isEncrypted }: HeartbeatRecord): string | undefined {
    this.#askedBy = direction;
    this.#askedBytes = isEncrypted ? length : 0;
    return isEncrypted || head.length < HEARTBEAT_HEAD_BYTES ? undefined : messageEvent(head, length);
  }

  /** A second question is none while the first waits for its answer. */
  #answer({ direction, length }: HeartbeatRecord): string | undefined {
    if (direction === this.#askedBy) return 'invalid_heartbeat_message';
    const isLonger = this.#askedBytes > 0 && this.#askedBytes < length;
    this.#askedBy = -1;
    return isLonger ? 'dataleak_heartbeat_mismatch' : undefined;
  }
}

function messageEvent(head: Uint8Array, length: number): string | undefined {
  const [type, high, low] = head;
  if (type !== Type.request && type !== Type.response) return 'invalid_heartbeat_message';
  const needed = HEARTBEAT_HEAD_BYTES + high! * 256 + low!;
  if (needed > length) return 'overflow_heartbeat_message';
  return length - needed < MIN_PADDING_BYTES ? 'invalid_heartbeat_message' : undefined;
}
