// Live devices by the package cap, the portable engine: what can be had where our own module for libpcap can't be built. An
// event and a call per packet, on the event loop; timestamps are those of that call, and say so; nobody counts what the kernel
// drops. Consumers see a capture like any other.

import { release, type } from 'node:os';
import { core, type RingHandle } from '../native/core.js';
import { CAP_SNAPLEN, CapDevice } from './cap-device.js';
import { listDevices } from './devices.js';
import { deviceBanner, type LiveOptions, normaliseLive } from './live-options.js';
import type { PacketSource, SourceEnd } from './packet-source.js';
import { RecordBatch } from './record-batch.js';

/** How to capture with cap; as of LiveOptions. All else is as cap has it: promiscuous, at once, 65535 bytes of a packet. */
export type CapOptions = Pick<LiveOptions, 'filter' | 'bufferBytes' | 'limit'>;

/** `PKTTAP_TS_USERSPACE` of include/pkttap.h. */
const USERSPACE = 2;

/**
 * Default size of the kernel's buffer, for each device: cap asks for packets at once, so it is divided into places for the
 * largest packet, 1023 of them. Of a longer burst the rest is lost, uncounted.
 */
const DEFAULT_BUFFER_BYTES = 64 * 1024 * 1024;

/** Published at the latest when so many bytes are collected: under load the event loop has no turn to do it in. */
const BATCH_BYTES = 64 * 1024;

/** One or several devices, captured into one ring. Made by {@link openCap}. */
export class CapSource implements PacketSource {
  readonly description: string;
  readonly defaultPolicy = 'lossy';
  readonly devices: readonly CapDevice[];
  /** None: cap can't be asked for what it can't do. */
  readonly warnings: readonly string[] = [];
  readonly #filter: string;
  readonly #limit: number;
  readonly #bufferBytes: number;
  readonly #descriptions: ReadonlyMap<string, string | undefined>;
  readonly #batch = new RecordBatch();
  #packets = 0;
  #flushDue = false;
  #ring: RingHandle | undefined;
  #onEnd: ((end: SourceEnd) => void) | undefined;

  constructor(names: readonly string[], options: Required<CapOptions>) {
    this.#filter = options.filter;
    this.#limit = options.limit;
    this.#bufferBytes = options.bufferBytes;
    this.description = names.join(', ');
    // Now: a tap that has given up its privileges may not be told any more.
    this.#descriptions = new Map(listDevices().map(({ name, description }) => [name, description]));
    const devices: CapDevice[] = [];
    try {
      for (const [index, name] of names.entries())
        devices.push(new CapDevice(name, options, (bytes) => this.#take(index, bytes)));
    } catch (error) {
      for (const device of devices) device.close();
      throw error;
    }
    this.devices = devices;
  }

  /** A line for each device, as of a LiveSource. */
  get banner(): string[] {
    return this.devices.map(({ name, linktype }) => deviceBanner({ name, linktype, snaplen: CAP_SNAPLEN }));
  }

  /** The ring must have no interfaces yet: packets that came before are numbered from 0. */
  start(ring: RingHandle, onEnd: (end: SourceEnd) => void): void {
    this.#onEnd = onEnd;
    this.#describe(ring);
    this.#ring = ring;
    if (this.#isFull) this.#end({ reason: 'finished' });
    else this.#flush();
  }

  /** Ends the capture after one more turn of the event loop, which brings the packets that had arrived by now. */
  stop(): void {
    if (this.#ring === undefined) return;
    setImmediate(() => setImmediate(() => this.#end({ reason: 'stopped' })));
  }

  /** Closes the devices of a source that was never started. */
  close(): void {
    for (const device of this.devices) device.close();
  }

  #describe(ring: RingHandle): void {
    for (const { name, linktype } of this.devices) {
      const description = this.#descriptions.get(name);
      core().ringAddInterface(ring, {
        linktype,
        snaplen: CAP_SNAPLEN,
        section: 0,
        timestampSource: USERSPACE,
        name,
        ...(description !== undefined && { description }),
        filter: this.#filter,
        os: `${type()} ${release()}`,
      });
    }
  }

  /** Before the start packets are kept as the kernel would keep them: as many as fit its buffer. */
  #take(interfaceIndex: number, origlen: number): void {
    if (this.#isFull || (this.#ring === undefined && this.#batch.bytes >= this.#bufferBytes)) return;
    const { buffer, flags } = this.devices[interfaceIndex]!;
    const tsNs = core().realtimeNs();
    this.#batch.add(buffer.subarray(0, origlen), { origlen, tsNs, interfaceIndex, flags });
    this.#packets++;
    if (this.#ring === undefined) return;
    if (this.#isFull) this.#end({ reason: 'finished' });
    else if (this.#batch.bytes >= BATCH_BYTES) this.#flush();
    else this.#flushSoon();
  }

  get #isFull(): boolean {
    return this.#limit !== 0 && this.#packets >= this.#limit;
  }

  /** When all devices have had their turn. */
  #flushSoon(): void {
    if (this.#flushDue) return;
    this.#flushDue = true;
    setImmediate(() => {
      this.#flushDue = false;
      this.#flush();
    });
  }

  /**
   * cap can't be told to wait, so consumers that are waited for are waited for here, by everybody: at most for the ring's
   * stall timeout.
   */
  #flush(): void {
    if (this.#onEnd === undefined) return;
    for (let rest = this.#batch.records; rest.length > 0; ) rest = rest.subarray(core().ringAppend(this.#ring!, rest));
    this.#batch.clear();
  }

  /** Once. Not from within start(), which is the caller's own turn. */
  #end(end: SourceEnd): void {
    const onEnd = this.#onEnd;
    if (onEnd === undefined) return;
    this.close();
    this.#flush();
    this.#onEnd = undefined;
    setImmediate(() => onEnd(end));
  }
}

/**
 * Opens devices for capture. Throws CaptureError: ERR_TAP_NO_DEVICE, ERR_TAP_PERMISSION, ERR_TAP_BAD_FILTER or
 * ERR_TAP_CAPTURE for the first device that can't be opened; RangeError for options out of range; ERR_TAP_NATIVE where the
 * package cap isn't installed. cap itself warns on standard error of devices without an IPv4 address. It ends the process
 * (SIGABRT) when a device goes down.
 */
export function openCap(devices: readonly string[], options: CapOptions = {}): CapSource {
  return new CapSource(devices, normaliseLive(devices, { bufferBytes: DEFAULT_BUFFER_BYTES, ...options }));
}
