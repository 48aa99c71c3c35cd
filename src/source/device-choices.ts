// What a device can be asked for when it is captured from: its types of timestamps, and its link types.

import { isOpenFailure, loadPcap, type NativeChoice } from '../native/pcap.js';
import { openError } from './live-error.js';

/** A value of an option of openLive(), and what it means. */
export type DeviceChoice = NativeChoice;

/** Values for `timestampType`; none where there is no choice. Throws CaptureError as openLive() does. */
export function listTimestampTypes(device: string): DeviceChoice[] {
  return explained(() => loadPcap().listTimestampTypes(device));
}

/** Values for `linktype`, in monitor mode or not. Opens the device, so that it needs CAP_NET_RAW; throws as openLive() does. */
export function listLinktypes(device: string, { monitor = false } = {}): DeviceChoice[] {
  return explained(() => loadPcap().listLinktypes(device, monitor));
}

function explained<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw isOpenFailure(error) ? openError(error, {}) : error;
  }
}
