// What there is to capture from: libpcap's list, with what the kernel says of network interfaces in /sys/class/net.

import { readFileSync } from 'node:fs';
import { explain } from '../native/failure.js';
import { loadPcap, type NativeDevice } from '../native/pcap.js';

/** A device, and what is known of it. Facts that a device doesn't have, or that the kernel won't tell, are undefined. */
export interface DeviceInfo extends NativeDevice {
  /** Operational state of the interface (RFC 2863 ifOperStatus): up, down, dormant, unknown … */
  readonly state?: string;
  /** Megabits a second. */
  readonly speedMbps?: number;
  /** Largest packet, in bytes, without the link-layer header. */
  readonly mtu?: number;
  /** Hardware address. */
  readonly mac?: string;
}

/** All devices, in libpcap's order: the likeliest come first. Needs no privileges, but may then list fewer. */
export function listDevices(): DeviceInfo[] {
  try {
    return loadPcap()
      .listDevices()
      .map((device) => ({ ...device, ...factsOf(device.name) }));
  } catch (error) {
    throw explain(error, 'ERR_TAP_CAPTURE', "can't list the devices");
  }
}

/**
 * Names of devices that somebody who typed `name` may have meant: those that begin with it or that it begins with, and
 * those that differ in one letter. The nearest first, at most three.
 */
export function similarDevices(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  const distance = (other: string) => editDistance(wanted, other.toLowerCase());
  const isNear = (other: string) =>
    distance(other) <= 1 || other.toLowerCase().startsWith(wanted) || wanted.startsWith(other.toLowerCase());
  return names
    .filter(isNear)
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, 3);
}

function factsOf(name: string): Partial<DeviceInfo> {
  const state = read(name, 'operstate');
  const speed = Number(read(name, 'speed'));
  const mtu = Number(read(name, 'mtu'));
  const mac = read(name, 'address');
  return {
    ...(state && { state }),
    // -1: the interface has no speed, as a bridge hasn't.
    ...(speed > 0 && { speedMbps: speed }),
    ...(mtu > 0 && { mtu }),
    ...(mac && !/^[0:]*$/.test(mac) && { mac }),
  };
}

/** A file of the interface's in /sys; undefined for devices that are no interfaces and facts that can't be had now. */
function read(name: string, file: string): string | undefined {
  if (name.includes('/')) return undefined;
  try {
    return readFileSync(`/sys/class/net/${name}/${file}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Letters to insert, delete or replace to get from one to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
