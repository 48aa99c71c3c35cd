// A tap's consumers, for its last words: those that are there at the end, and what those that had left before missed.

import type { ConsumerStats } from '../control/messages.js';
import { counted } from './text.js';

/** Keeps counts, not consumers, of those that leave while the tap runs: there may be any number in the course of months. */
export class ConsumerLedger {
  readonly #leftAtEnd = new Map<number, ConsumerStats>();
  #leftBefore = 0;
  #missedBefore = 0;

  /** One that leaves, with its statistics as it left. */
  leave(last: ConsumerStats, hasEnded: boolean): void {
    if (hasEnded) {
      this.#leftAtEnd.set(last.id, last);
    } else if (last.missed > 0) {
      this.#leftBefore++;
      this.#missedBefore += last.missed;
    }
  }

  /** Those who were there at the end, as they are now or as they left meanwhile. */
  close(atEnd: readonly ConsumerStats[], now: readonly ConsumerStats[]): ConsumersAtEnd {
    const present = new Map(now.map((consumer) => [consumer.id, consumer]));
    const last = atEnd.map((consumer) => present.get(consumer.id) ?? this.#leftAtEnd.get(consumer.id) ?? consumer);
    return {
      lines: [...last.map(consumerLine), ...this.#lineOfThoseBefore()],
      haveMissed: this.#missedBefore > 0 || last.some(({ missed }) => missed > 0),
    };
  }

  #lineOfThoseBefore(): string[] {
    if (this.#missedBefore === 0) return [];
    return [`${counted(this.#leftBefore, 'consumer')} that left before: ${this.#missedBefore} missed`];
  }
}

/** What is told of consumers at the end of their tap. */
export interface ConsumersAtEnd {
  readonly lines: readonly string[];
  /** Whether any consumer, whenever it was attached, missed a packet. */
  readonly haveMissed: boolean;
}

function consumerLine({ name, delivered, missed, lag }: ConsumerStats): string {
  const unread = lag > 0 ? `, ${lag} still to read` : '';
  return `consumer ${name}: ${counted(delivered, 'packet')} delivered, ${missed} missed${unread}`;
}
