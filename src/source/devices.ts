// What there is to capture from: libpcap's list, or cap's where our own module isn't, or the kernel's; with what the kernel
// says of network interfaces.

import { TapError } from '../errors.js';
import { explain } from '../native/failure.js';
import { loadPcap, type NativeDevice } from '../native/pcap.js';
import { type KernelFacts, kernelDevice, kernelDevices, kernelFacts } from './kernel-device.js';
import { loadCap } from './load-cap.js';

/** A device, and what is known of it. Facts that a device doesn't have, or that nobody tells, are undefined. */
export interface DeviceInfo extends NativeDevice, KernelFacts {}

/** All devices; the likeliest come first, where libpcap is to be had. Needs no privileges, but may then list fewer. */
export function listDevices(): DeviceInfo[] {
  const found = firstThatLoads(nativeDevices, capDevices, kernelDevices);
  return found.map((device) => ({ ...device, ...kernelFacts(device.name) }));
}

function nativeDevices(): NativeDevice[] {
  try {
    return loadPcap().listDevices();
  } catch (error) {
    throw explain(error, 'ERR_TAP_CAPTURE', "can't list the devices");
  }
}

/** cap's list says less of each device; of interfaces the kernel tells the rest. */
function capDevices(): NativeDevice[] {
  return loadCap()
    .Cap.deviceList()
    .map(({ name, description, addresses }) => ({
      ...kernelDevice(name),
      ...(description !== undefined && { description }),
      addresses: addresses.flatMap(({ addr, netmask }) =>
        addr ? [{ address: addr, ...(netmask && { netmask }) }] : [],
      ),
    }));
}

function firstThatLoads(...lists: readonly (() => NativeDevice[])[]): NativeDevice[] {
  for (const list of lists) {
    try {
      return list();
    } catch (error) {
      if (!(error instanceof TapError && error.code === 'ERR_TAP_NATIVE')) throw error;
    }
  }
  return [];
}
