// What comes of opening a device, for a moment, not promiscuous and with no packet taken: whether we may, and what it is then.

import { isOpenFailure, loadPcap } from '../native/pcap.js';
import { isInterface } from './kernel-device.js';
import { openError } from './live-error.js';

/** All left out: the device was not tried. */
export interface DeviceProbe {
  /** LINKTYPE_* number. */
  readonly linktype?: number;
  /** Who may make its timestamps: names of pcap-tstamp(7). Empty: the kernel alone. */
  readonly timestampTypes?: readonly string[];
  /** Why it can't be opened: ERR_TAP_PERMISSION, or ERR_TAP_CAPTURE for one that is down; the message has the remedy. */
  readonly refusal?: { readonly code: string; readonly message: string };
}

/**
 * Tries a network interface, or `any`. Other devices are left alone: to open one of netfilter's queues takes packets away
 * from whoever they are for. Without our own module for libpcap nothing is tried.
 */
export function probeDevice(name: string): DeviceProbe {
  if (name !== 'any' && !isInterface(name)) return {};
  try {
    return loadPcap().probeDevice(name);
  } catch (error) {
    if (!isOpenFailure(error)) return {};
    const { code, message } = openError(error, {});
    return { refusal: { code, message } };
  }
}
