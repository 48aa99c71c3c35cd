// Attaching: from a tap's name to a consumer that can be iterated.

import { isTapName } from '../control/address.js';
import { MAX_FILTER_LENGTH, POLICIES, type Policy, STARTS, type StartAt } from '../control/messages.js';
import { MAX_CAPLEN } from '../packet/record.js';
import { Consumer, type ConsumerOptions } from './consumer.js';
import { type DialOptions, dial } from './dial.js';
import { parseResumeToken } from './resume-token.js';
import type { Redial } from './successor.js';

/** Fixed shares at most. */
const MAX_SHARES = 0xffff;

/** How to attach. */
export interface AttachOptions extends DialOptions, ConsumerOptions {
  /** Default: the tap's own (lossless for a replay, lossy for a live capture). A lossy tap refuses lossless, not newest. */
  readonly policy?: Policy;
  /** `now` (default): the next packet that is published. `oldest`: the oldest that is still in the ring. */
  readonly start?: StartAt;
  /**
   * Follow the tap through restarts: when it was stopped, died or failed, wait for it to come back, and go on with its first
   * packet. `counters().gaps` says how often. A source that has come to its end is not waited for. Default false.
   */
  readonly reconnect?: boolean;
}

/**
 * Attaches to a running tap, by name or by its socket's path. The signal also ends the consumer later: its iteration then
 * rejects with the signal's reason. Throws ERR_TAP_UNKNOWN_TAP, ERR_TAP_PERMISSION, ERR_TAP_REFUSED, ERR_TAP_VERSION,
 * ERR_TAP_TIMEOUT, ERR_TAP_DIED, ERR_TAP_PROTOCOL or ERR_TAP_RING; ERR_TAP_BAD_FILTER for a filter that the tap can't or won't
 * compile; RangeError for options out of range.
 */
export async function attach(tap: string, options: AttachOptions = {}): Promise<Consumer> {
  const { policy, start, share, resume, reconnect = false } = options;
  checkOptions(options);
  const wanted = {
    role: 'consumer' as const,
    ...(policy && { policy }),
    ...(start && { start }),
    ...(typeof share === 'string' && { share }),
    ...(resume !== undefined && { resume: parseResumeToken(resume) }),
  };
  // A new tap's first packets are the next ones for us.
  const redial: Redial = (place, signal) =>
    dial(tap, { ...wanted, start: 'oldest', resume: parseResumeToken(place) }, { ...options, signal, wait: true });
  const consumer = new Consumer(await dial(tap, wanted, options), options, reconnect ? redial : undefined);
  try {
    await consumer.prepare();
    return consumer;
  } catch (error) {
    consumer.close();
    throw error;
  }
}

function checkOptions({
  policy = 'lossy',
  start = 'now',
  share,
  filter = '',
  sample = 1,
  snaplen = 1,
  maxPackets = 1,
  maxWaitMs = 0,
  busyPoll = 0,
}: AttachOptions): void {
  if (!POLICIES.includes(policy)) throw new RangeError(`policy must be one of ${POLICIES.join(', ')}: ${policy}`);
  if (!STARTS.includes(start)) throw new RangeError(`start must be one of ${STARTS.join(', ')}: ${start}`);
  if (typeof filter !== 'string') throw new TypeError(`filter must be a string: ${typeof filter}`);
  if (filter.length > MAX_FILTER_LENGTH)
    throw new RangeError(`a filter has at most ${MAX_FILTER_LENGTH} characters: ${filter.length}`);
  if (typeof share === 'string' && !isTapName(share))
    throw new RangeError(`not a name for a share group: ${JSON.stringify(share)} (letters, digits, _.:@-)`);
  if (typeof share === 'object') {
    checkWhole('share.of', share.of, MAX_SHARES);
    checkWhole('share.index', share.index, share.of);
  }
  checkWhole('sample', sample, 0xffff_ffff);
  checkWhole('snaplen', snaplen, MAX_CAPLEN);
  checkWhole('maxPackets', maxPackets, Number.MAX_SAFE_INTEGER);
  if (!(maxWaitMs >= 0)) throw new RangeError(`maxWaitMs must be a number from 0: ${maxWaitMs}`);
  if (busyPoll !== true && !(busyPoll >= 0))
    throw new RangeError(`busyPoll must be true or a number from 0: ${busyPoll}`);
}

function checkWhole(name: string, value: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > max)
    throw new RangeError(`${name} must be a whole number from 1 to ${max}: ${value}`);
}
