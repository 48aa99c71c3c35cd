// Asking a tap, one question after the other, without attaching: each answer is the tap's statistics.

import { encode } from '../control/codec.js';
import type { ControlRequest, FromTap, StatsRequest, TapStats } from '../control/messages.js';
import { StatsJoiner } from '../control/stats-reply.js';
import { ClosedError } from '../errors.js';
import { core } from '../native/core.js';
import { type DialOptions, dial, notWelcome } from './dial.js';

/** A connection that asks. */
export interface Dialogue {
  /** Rejects with what the tap refuses it for, or with ERR_TAP_DIED when the tap goes. */
  ask(question: StatsRequest | ControlRequest): Promise<TapStats>;
  close(): void;
}

/** Connects to a tap in a role without memory. Throws as dial() does. */
export async function openDialogue(
  tap: string,
  role: 'observer' | 'controller',
  options: DialOptions,
): Promise<Dialogue> {
  const { connection, fds, listen } = await dial(tap, { role }, options);
  // These roles get no memory: whatever came is not wanted.
  for (const fd of fds) core().closeFd(fd);
  const waiting: { resolve(stats: TapStats): void; reject(error: unknown): void }[] = [];
  const joiner = new StatsJoiner();
  let closed: unknown;
  const end = (error: unknown) => {
    closed ??= error;
    for (const { reject } of waiting.splice(0)) reject(closed);
  };
  listen({
    onMessage: (message: FromTap) => {
      const whole = message.type === 'stats' ? joiner.add(message) : undefined;
      if (whole !== undefined) waiting.shift()?.resolve(whole);
      if (message.type === 'refuse') end(notWelcome(tap, message));
    },
    onReady: () => {},
    onClose: (error) => end(error ?? new ClosedError('ERR_TAP_DIED', `the tap has gone: tap=${tap}`, { tap })),
  });
  const ask = (question: StatsRequest | ControlRequest) =>
    new Promise<TapStats>((resolve, reject) => {
      if (closed !== undefined) return reject(closed);
      waiting.push({ resolve, reject });
      connection.send(encode(question));
    });
  return { ask, close: () => connection.close() };
}
