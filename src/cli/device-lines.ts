// What becomes of devices while they are captured from, as lines for standard error.

import type { LiveChange } from '../source/live.js';

/** `reopens`: whether a device that is gone is waited for. */
export function deviceLine({ device, state, detail, reopened }: LiveChange, reopens: boolean): string {
  switch (state) {
    case 'up':
      return reopened ? `${device} is back, and captured from again` : `${device} is up again`;
    case 'down':
      return `${device} is down: waiting for it to come up`;
    case 'gone':
      return reopens ? `${device} is gone: waiting for it to come back` : `${device} is gone`;
    case 'failed':
      return `${device} gives nothing any more: ${detail}`;
  }
}

/** Whether the device gives nothing any more, ever. */
export function isFinal({ state }: LiveChange, reopens: boolean): boolean {
  return state === 'failed' || (state === 'gone' && !reopens);
}
