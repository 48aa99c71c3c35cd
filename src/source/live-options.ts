// How to capture from live devices: the options, their defaults and their ranges, normalised once for the native thread.

import { MAX_LANES } from '../control/messages.js';
import { CaptureError } from '../errors.js';
import type { NativeCaptureOptions } from '../native/pcap.js';
import { linktypeDescription, linktypeName } from '../packet/linktype.js';
import { MAX_CAPLEN } from '../packet/record.js';

/** How to capture; the same for all devices. */
export interface LiveOptions {
  /** libpcap filter expression (pcap-filter(7)). Default: all packets. */
  readonly filter?: string;
  /** Bytes kept of each packet, 1 to 262144; 0 (default): 262144. */
  readonly snaplen?: number;
  /**
   * Bytes of the kernel's buffer for each device, 4096 to 2^31 - 1. Default 16 MiB: 64 blocks, which last for three
   * seconds of few packets, and at 10 Gbit/s for 13 ms, should a lossless consumer hold up the tap.
   */
  readonly bufferBytes?: number;
  /**
   * How long the kernel may hold packets back to hand over many at once, in milliseconds, 1 to 1000. Default 50: not
   * felt by a person, and no more than 20 wake-ups a second while few packets come.
   */
  readonly timeoutMs?: number;
  /**
   * Hand over each packet at once, at the price of a wake-up for each and of a buffer that is divided into places for the
   * largest packet, by default 256 of them on Ethernet: of a longer burst the rest is dropped. `timeoutMs: 1` is nearly as
   * fast without that. Default false.
   */
  readonly immediate?: boolean;
  /** Also see packets that are for other hosts. Default true. `any` never does. */
  readonly promiscuous?: boolean;
  /** As the capturing host sees it. Default both. */
  readonly direction?: 'both' | 'in' | 'out';
  /** Who makes the timestamps, a name of pcap-tstamp(7). Default: the kernel. */
  readonly timestampType?: string;
  /** What timestamps are kept to. Default nano. */
  readonly precision?: 'nano' | 'micro';
  /** One of the device's link types, by its name: see listLinktypes(). Default: the device's own choice. */
  readonly linktype?: string;
  /** Wi-Fi's monitor mode: all that is in the air, with radio headers. Default false. */
  readonly monitor?: boolean;
  /** Wait for a device that is gone to come back, under the same interface. Needs CAP_NET_RAW again then. Default false. */
  readonly reopen?: boolean;
  /** Stop after this many packets; 0 (default): don't. */
  readonly limit?: number;
  /**
   * Threads that capture side by side, each into a ring of its own, 1 (default) to 16. The kernel divides the packets among
   * them by flow. Each has a kernel buffer of `bufferBytes` for each device.
   */
  readonly threads?: number;
  /** Stop after so many milliseconds, up to 2^31 - 1; 0 (default): don't. */
  readonly durationMs?: number;
}

const DIRECTIONS = { both: 0, in: 1, out: 2 } as const;
const DEFAULT_BUFFER_BYTES = 16 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 50;

/** All that the capture thread wants to know. Throws RangeError, and ERR_TAP_NO_DEVICE for what can't be a device's name. */
export function normaliseLive(devices: readonly string[], options: LiveOptions): NativeCaptureOptions {
  const { filter = '', direction = 'both', timestampType = '', limit = 0, snaplen = 0 } = options;
  const { bufferBytes = DEFAULT_BUFFER_BYTES, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const { immediate = false, promiscuous = true, monitor = false, reopen = false } = options;
  const { precision = 'nano', linktype = '', durationMs = 0, threads = 1 } = options;
  checkDevices(devices);
  check('snaplen', snaplen, 0, MAX_CAPLEN);
  check('bufferBytes', bufferBytes, 4096, 2 ** 31 - 1);
  check('timeoutMs', timeoutMs, 1, 1000);
  check('limit', limit, 0, Number.MAX_SAFE_INTEGER);
  check('durationMs', durationMs, 0, 2 ** 31 - 1);
  check('threads', threads, 1, MAX_LANES);
  return {
    devices,
    filter,
    snaplen: snaplen || MAX_CAPLEN,
    bufferBytes,
    timeoutMs,
    immediate,
    promiscuous,
    direction: DIRECTIONS[direction],
    timestampType,
    microseconds: precision === 'micro',
    linktype,
    monitor,
    reopen,
    limit,
    lanes: threads,
  };
}

/** tcpdump's words for a device that is listened on. */
export function deviceBanner(device: {
  readonly name: string;
  readonly linktype: number;
  readonly snaplen: number;
}): string {
  const { name, linktype, snaplen } = device;
  const type = `${linktypeName(linktype)} (${linktypeDescription(linktype)})`;
  return `${name}, link-type ${type}, snapshot length ${snaplen} bytes`;
}

/** A name with a NUL in it would reach libpcap as another one. */
function checkDevices(devices: readonly string[]): void {
  if (devices.length === 0) throw new RangeError('no device to capture from');
  const twice = devices.find((name, i) => devices.indexOf(name) !== i);
  if (twice !== undefined) throw new RangeError(`device given twice: device=${twice}`);
  const bad = devices.find((name) => name === '' || name.includes('\0'));
  if (bad !== undefined) throw new CaptureError('ERR_TAP_NO_DEVICE', `no such device: device=${JSON.stringify(bad)}`);
}

function check(name: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`${name} must be a whole number from ${min} to ${max}: ${value}`);
}
