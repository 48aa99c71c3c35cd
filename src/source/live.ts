// Live devices as a source: the native capture threads, given normalised options.

import { TapError } from '../errors.js';
import type { RingHandle } from '../native/core.js';
import { isOpenFailure, loadPcap, type NativeCapture, type NativeCaptureEnd } from '../native/pcap.js';
import { type DeviceState, type LiveChange, liveChangeOf, stateOf } from './live-change.js';
import { captureEndOf, openError } from './live-error.js';
import { deviceBanner, type LiveOptions, normaliseLive } from './live-options.js';
import type { PacketSource, SourceEnd } from './packet-source.js';
import { startThread } from './start-thread.js';

export type { DeviceState, LiveChange } from './live-change.js';
export type { LiveOptions } from './live-options.js';

/** A device that is captured from, and what it has counted: at most 100 ms old while packets come, a second otherwise. */
export interface LiveDevice {
  readonly name: string;
  /** LINKTYPE_* number. */
  readonly linktype: number;
  /** Bytes. */
  readonly snaplen: number;
  /** What libpcap could not do as asked, in its words. */
  readonly warnings: readonly string[];
  /** Packets that are in the ring. */
  readonly received: number;
  /** Packets for which the kernel's buffer had no room; undefined until it was asked for the first time. */
  readonly kernelDropped?: number;
  /** Packets lost by the hardware or its driver; undefined where libpcap doesn't know (not promiscuous, `any`). */
  readonly interfaceDropped?: number;
  readonly state: DeviceState;
  /** Of a device that is gone or failed: why, in libpcap's words. */
  readonly failure?: string;
}

/** One or several devices, captured into a ring for each thread. Made by {@link openLive}. */
export class LiveSource implements PacketSource {
  readonly description: string;
  readonly defaultPolicy = 'lossy';
  readonly lanes: number;
  /** Called, on the event loop, for each device that goes down, is gone, or is there again. */
  onDevice: (change: LiveChange) => void = () => {};
  readonly #native: NativeCapture;
  readonly #durationMs: number;
  /** Never rejects. */
  #lastExchange: Promise<void> = Promise.resolve();

  constructor(native: NativeCapture, lanes: number, durationMs = 0) {
    this.#native = native;
    this.lanes = lanes;
    this.#durationMs = durationMs;
    this.description = this.devices.map(({ name }) => name).join(', ');
  }

  /** In the order they were asked for. */
  get devices(): LiveDevice[] {
    return this.#native.devices().map((device) => ({ ...device, state: stateOf(device.state) }));
  }

  /** A line for each device, in tcpdump's words: `eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes`. */
  get banner(): string[] {
    return this.devices.map(deviceBanner);
  }

  /** What libpcap could not do as asked, each with its device. */
  get warnings(): string[] {
    return this.devices.flatMap(({ name, warnings }) => warnings.map((text) => `${name}: ${text}`));
  }

  start(ring: RingHandle, onEnd: (end: SourceEnd) => void): void {
    let settle: (end: NativeCaptureEnd) => SourceEnd = captureEndOf;
    const start = () =>
      this.#native.start(
        ring,
        (end) => onEnd(settle(end)),
        (change) => this.onDevice(liveChangeOf(change)),
      );
    if (startThread(start, `can't start to capture: device=${this.description}`, onEnd)) settle = this.#stopInTime();
  }

  /**
   * Exchanges the filter of all devices while packets flow: those that match both filters are neither lost nor taken
   * twice, and once this resolves, packets that come pass by the new one alone. They have an interface of their own,
   * which tells it. Several are exchanged in the order they were asked for. Compiling takes as long as libpcap needs, and
   * holds up no packets. Rejects with ERR_TAP_BAD_FILTER, and then nothing has changed; ERR_TAP_REFUSED unless packets flow.
   */
  setFilter(filter: string): Promise<void> {
    const exchanged = this.#lastExchange.then(() => this.#exchange(filter));
    this.#lastExchange = exchanged.catch(() => {});
    return exchanged;
  }

  async #exchange(filter: string): Promise<void> {
    const runs = await this.#native.setFilter(filter).catch((error) => {
      throw isOpenFailure(error) ? openError(error, { filter }) : error;
    });
    if (!runs) throw new TapError('ERR_TAP_REFUSED', 'no packets flow: the capture has not begun, or ended');
  }

  /**
   * Ends the capture after the packets that had arrived by now. A lossless consumer that stalls may delay that, for as
   * long as the ring lets it; called a second time, the capture ends without those packets.
   */
  stop(): void {
    this.#native.stop();
  }

  /** Closes the devices of a source that was never started. */
  close(): void {
    this.#native.close();
  }

  /** From now on the time runs, if there is a limit of it. A capture that it ends is finished, not stopped. */
  #stopInTime(): (end: NativeCaptureEnd) => SourceEnd {
    if (this.#durationMs === 0) return captureEndOf;
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      this.stop();
    }, this.#durationMs);
    return (native) => {
      clearTimeout(timer);
      const end = captureEndOf(native);
      return isOver && end.reason === 'stopped' ? { reason: 'finished' } : end;
    };
  }
}

/**
 * Opens devices for capture; their kernel buffers fill from now on. Throws CaptureError: ERR_TAP_NO_DEVICE,
 * ERR_TAP_PERMISSION, ERR_TAP_BAD_FILTER or ERR_TAP_CAPTURE for the first device that can't be opened, none stays open
 * then; RangeError for options out of range; ERR_TAP_NATIVE where the pcap module isn't built.
 */
export function openLive(devices: readonly string[], options: LiveOptions = {}): LiveSource {
  const native = normaliseLive(devices, options);
  const { Capture } = loadPcap();
  try {
    return new LiveSource(new Capture(native), native.lanes, options.durationMs);
  } catch (error) {
    throw isOpenFailure(error) ? openError(error, { filter: native.filter }) : error;
  }
}
