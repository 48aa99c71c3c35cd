// Pausing, resuming and stepping a tap from another process.

import type { ControlAction, TapStats } from '../control/messages.js';
import type { DialOptions } from './dial.js';
import { openDialogue } from './dialogue.js';

/** What to do. `packets`, for step: how many to let through, from 1 (default). */
export interface ControlCommand {
  readonly action: ControlAction;
  readonly packets?: number;
}

/**
 * Has a tap's source paused, resumed or stepped, and gives the tap's statistics right after: packets that a step lets
 * through may not be in them yet. Only root and the tap's own user may. Throws ERR_TAP_REFUSED for anybody else, and for a
 * source that can't be paused because it is live; otherwise as attach() does; RangeError for `packets` out of range.
 */
export async function controlTap(tap: string, command: ControlCommand, options: DialOptions = {}): Promise<TapStats> {
  const { packets } = command;
  if (packets !== undefined && !(Number.isSafeInteger(packets) && packets > 0))
    throw new RangeError(`packets must be a whole number from 1: ${packets}`);
  const dialogue = await openDialogue(tap, 'controller', options);
  try {
    return await dialogue.ask({ type: 'control', ...command });
  } finally {
    dialogue.close();
  }
}
