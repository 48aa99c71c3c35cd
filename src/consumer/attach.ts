// Attaching: from a tap's name to a consumer that can be iterated.

import type { Policy, StartAt } from '../control/messages.js';
import { Consumer } from './consumer.js';
import { type DialOptions, dial } from './dial.js';

/** How to attach. */
export interface AttachOptions extends DialOptions {
  /** Default: the tap's own (lossless for a replay, lossy for a live capture). A lossy tap refuses lossless. */
  readonly policy?: Policy;
  /** `now` (default): the next packet that is published. `oldest`: the oldest that is still in the ring. */
  readonly start?: StartAt;
}

/**
 * Attaches to a running tap, by name or by its socket's path. The signal also ends the consumer later: its iteration then
 * rejects with the signal's reason. Throws ERR_TAP_UNKNOWN_TAP, ERR_TAP_PERMISSION, ERR_TAP_REFUSED, ERR_TAP_VERSION,
 * ERR_TAP_TIMEOUT, ERR_TAP_DIED, ERR_TAP_PROTOCOL or ERR_TAP_RING.
 */
export async function attach(tap: string, options: AttachOptions = {}): Promise<Consumer> {
  const { policy, start } = options;
  const wanted = { role: 'consumer' as const, ...(policy && { policy }), ...(start && { start }) };
  return new Consumer(await dial(tap, wanted, options), options.signal);
}
