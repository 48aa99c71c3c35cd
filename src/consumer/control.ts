// Pausing, resuming and stepping a tap from another process, and exchanging its filter.

import { CONTROL_ACTIONS, type ControlAction, MAX_FILTER_LENGTH, type TapStats } from '../control/messages.js';
import type { DialOptions } from './dial.js';
import { openDialogue } from './dialogue.js';

/** What to do. */
export interface ControlCommand {
  readonly action: ControlAction;
  /** For step: how many to let through, from 1 (default). */
  readonly packets?: number;
  /** For set-filter, which needs it: pcap-filter(7), at most 4096 characters. Empty: all packets. */
  readonly filter?: string;
}

/**
 * Has a tap's source paused, resumed or stepped, or its filter exchanged, and gives the tap's statistics right after:
 * packets that a step lets through may not be in them yet. Packets that come after a set-filter has resolved pass by the
 * new filter alone; those that match both are neither lost nor taken twice. Only root and the tap's own user may. Throws
 * ERR_TAP_REFUSED for anybody else, for a source that can't be paused because it is live, and for one whose filter stays;
 * ERR_TAP_BAD_FILTER; otherwise as attach() does; RangeError for an action, `packets` or a filter out of range.
 */
export async function controlTap(tap: string, command: ControlCommand, options: DialOptions = {}): Promise<TapStats> {
  const { action, packets, filter = '' } = command;
  if (!CONTROL_ACTIONS.includes(action))
    throw new RangeError(`action must be one of ${CONTROL_ACTIONS.join(', ')}: ${action}`);
  if (filter.length > MAX_FILTER_LENGTH)
    throw new RangeError(`a filter has at most ${MAX_FILTER_LENGTH} characters: ${filter.length}`);
  if (packets !== undefined && !(Number.isSafeInteger(packets) && packets > 0))
    throw new RangeError(`packets must be a whole number from 1: ${packets}`);
  const dialogue = await openDialogue(tap, 'controller', options);
  try {
    return await dialogue.ask({ type: 'control', ...command, ...(action === 'set-filter' && { filter }) });
  } finally {
    dialogue.close();
  }
}
