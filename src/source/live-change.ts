// What becomes of a device while it is captured from.

import type { NativeDeviceChange } from '../native/pcap.js';

/** `enum class DeviceState` of native/pcap/live_device.h, by number. */
const STATES = ['up', 'down', 'gone', 'failed'] as const;

/**
 * up: it gives packets. down: it was taken down, and gives packets again once it is up. gone: it isn't there any more.
 * failed: it gives nothing any more, for another reason.
 */
export type DeviceState = (typeof STATES)[number];

/** A device whose state has changed. */
export interface LiveChange {
  readonly device: string;
  readonly state: DeviceState;
  /** Of one that is gone or failed: why, in libpcap's words. */
  readonly detail: string;
  /** It is up because it came back, and was opened again. */
  readonly reopened: boolean;
}

export function stateOf(state: number): DeviceState {
  return STATES[state]!;
}

export function liveChangeOf({ device, state, detail, reopened }: NativeDeviceChange): LiveChange {
  return { device, state: stateOf(state), detail, reopened };
}
