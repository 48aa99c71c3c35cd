// Live devices as a source: the native capture thread, given normalised options.

import type { RingHandle } from '../native/core.js';
import { isOpenFailure, loadPcap, type NativeCapture } from '../native/pcap.js';
import { captureEndOf, openError } from './live-error.js';
import { deviceBanner, type LiveOptions, normaliseLive } from './live-options.js';
import type { PacketSource, SourceEnd } from './packet-source.js';

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
  /** Set once the device gives nothing any more, while others of the same capture still do: why, in libpcap's words. */
  readonly failure?: string;
}

/** One or several devices, captured into one ring. Made by {@link openLive}. */
export class LiveSource implements PacketSource {
  readonly description: string;
  readonly defaultPolicy = 'lossy';
  readonly #native: NativeCapture;

  constructor(native: NativeCapture) {
    this.#native = native;
    this.description = this.devices.map(({ name }) => name).join(', ');
  }

  /** In the order they were asked for. */
  get devices(): LiveDevice[] {
    return this.#native.devices();
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
    this.#native.start(ring, (end) => onEnd(captureEndOf(end)));
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
    return new LiveSource(new Capture(native));
  } catch (error) {
    throw isOpenFailure(error) ? openError(error, { filter: native.filter }) : error;
  }
}
