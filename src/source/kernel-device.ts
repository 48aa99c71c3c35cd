// What the kernel says of network interfaces, in /sys/class/net: facts beside libpcap's, and the list of interfaces where
// nothing else gives one. Source: Linux, Documentation/ABI/testing/sysfs-class-net; netdevice(7).

import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { basename } from 'node:path';
import type { NativeDevice } from '../native/pcap.js';

/** Facts that an interface doesn't have, or that the kernel won't tell now, are left out. */
export interface KernelFacts {
  /** Operational state of the interface (RFC 2863 ifOperStatus): up, down, dormant, unknown … */
  readonly state?: string;
  /** Whether there is a cable, and somebody at its other end. Left out while the interface is down. */
  readonly carrier?: boolean;
  /** Megabits a second. */
  readonly speedMbps?: number;
  /** Largest packet, in bytes, without the link-layer header. */
  readonly mtu?: number;
  /** Hardware address. */
  readonly mac?: string;
  /** The kernel's driver, for hardware. */
  readonly driver?: string;
  /** IFF_* of netdevice(7), in lower case and without that: up, broadcast, promisc … */
  readonly flags?: readonly string[];
}

const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x1, 'up'],
  [0x2, 'broadcast'],
  [0x8, 'loopback'],
  [0x10, 'pointopoint'],
  [0x80, 'noarp'],
  [0x100, 'promisc'],
  [0x200, 'allmulti'],
  [0x1000, 'multicast'],
];

/** Whether it is an interface of this network namespace; `any` and other devices of libpcap's are none. */
export function isInterface(name: string): boolean {
  return read(name, 'ifindex') !== undefined;
}

/** All that the kernel says of an interface; nothing of what is none. */
export function kernelFacts(name: string): KernelFacts {
  const state = read(name, 'operstate');
  const carrier = read(name, 'carrier');
  const speed = Number(read(name, 'speed'));
  const mtu = Number(read(name, 'mtu'));
  const mac = read(name, 'address');
  const driver = driverOf(name);
  const flags = Number(read(name, 'flags') ?? Number.NaN);
  return {
    ...(state && { state }),
    ...(carrier && { carrier: carrier === '1' }),
    // -1: the interface has no speed, as a bridge hasn't.
    ...(speed > 0 && { speedMbps: speed }),
    ...(mtu > 0 && { mtu }),
    ...(mac && !/^[0:]*$/.test(mac) && { mac }),
    ...(driver && { driver }),
    ...(!Number.isNaN(flags) && { flags: FLAGS.filter(([bit]) => flags & bit).map(([, flag]) => flag) }),
  };
}

/** The interfaces in the form of libpcap's list. */
export function kernelDevices(): NativeDevice[] {
  return readdirSync('/sys/class/net').filter(isInterface).map(kernelDevice);
}

/** An interface in the form of libpcap's list. */
export function kernelDevice(name: string): NativeDevice {
  const { flags = [], carrier, state } = kernelFacts(name);
  const up = flags.includes('up');
  const loopback = flags.includes('loopback');
  return {
    name,
    up,
    running: up && (state === 'up' || state === 'unknown'),
    loopback,
    wireless: !name.includes('/') && existsSync(`/sys/class/net/${name}/phy80211`),
    connection: loopback ? 'not applicable' : connectionOf(carrier),
    addresses: (networkInterfaces()[name] ?? []).map(({ address, netmask }) => ({ address, netmask })),
  };
}

function connectionOf(carrier: boolean | undefined): NativeDevice['connection'] {
  if (carrier === undefined) return 'unknown';
  return carrier ? 'connected' : 'disconnected';
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

function driverOf(name: string): string | undefined {
  if (name.includes('/')) return undefined;
  try {
    return basename(readlinkSync(`/sys/class/net/${name}/device/driver`));
  } catch {
    return undefined;
  }
}
