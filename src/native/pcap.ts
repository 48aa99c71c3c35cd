// The contract with native/binding/pcap.cc and capture.cc: every function of the pcap module, typed. It exists only where
// libpcap's headers were there to build it; consumers and replay without a filter never load it.

import type { RingHandle } from './core.js';
import { loadNative } from './load.js';

/** A device as libpcap lists it. */
export interface NativeDevice {
  readonly name: string;
  readonly description?: string;
  readonly up: boolean;
  readonly running: boolean;
  readonly loopback: boolean;
  /** Any kind of radio, not only Wi-Fi. */
  readonly wireless: boolean;
  readonly connection: 'connected' | 'disconnected' | 'unknown' | 'not applicable';
  /** IPv4 and IPv6, in text. */
  readonly addresses: readonly { readonly address: string; readonly netmask?: string }[];
}

/** What a device says of itself once it is open. */
export interface NativeProbe {
  /** LINKTYPE_* number. */
  readonly linktype: number;
  /** Names of pcap-tstamp(7); empty: no choice. */
  readonly timestampTypes: readonly string[];
}

/** What the capture thread is told; all of it, normalised. */
export interface NativeCaptureOptions {
  /** At least one. */
  readonly devices: readonly string[];
  /** libpcap's language; empty: all packets. */
  readonly filter: string;
  /** Bytes, 1 to MAX_CAPLEN. */
  readonly snaplen: number;
  readonly bufferBytes: number;
  /** At least 1. */
  readonly timeoutMs: number;
  readonly immediate: boolean;
  readonly promiscuous: boolean;
  /** 0: both, 1: in, 2: out. */
  readonly direction: 0 | 1 | 2;
  /** A name of pcap-tstamp(7); empty: the device's default. */
  readonly timestampType: string;
  /** Whether timestamps are cut to microseconds. */
  readonly microseconds: boolean;
  /** A name of pcap_list_datalinks(3PCAP); empty: the device's default. */
  readonly linktype: string;
  readonly monitor: boolean;
  /** Whether devices that are gone are waited for. */
  readonly reopen: boolean;
  /** Packets; 0: no limit. */
  readonly limit: number;
  /** Threads, and rings that they fill: 1 to 16. */
  readonly lanes: number;
}

/** Why devices could not be opened, as the constructors of Capture and Injector throw it. */
export interface NativeOpenFailure extends Error {
  /** 0: other, 1: no such device, 2: no permission, 3: bad filter, 4: down, 5: no monitor mode, 6: link type, 7: timestamp type. */
  readonly failure: number;
  /** PCAP_ERROR_* of pcap_activate(3PCAP). */
  readonly pcapStatus: number;
  readonly device: string;
  /** libpcap's words. */
  readonly detail: string;
}

/** How a capture ended. */
export interface NativeCaptureEnd {
  /** 0: stopped, 1: the limit is reached, 2: the last device is gone, 3: the last device failed. */
  readonly outcome: number;
  readonly device: string;
  /** libpcap's words. */
  readonly detail: string;
  /** Packets appended to the ring. */
  readonly packets: number;
}

/** An open device and what it has counted: at most 100 ms old while packets come, a second otherwise. */
export interface NativeLiveDevice {
  readonly name: string;
  readonly linktype: number;
  readonly snaplen: number;
  readonly warnings: readonly string[];
  readonly received: number;
  readonly kernelDropped?: number;
  readonly interfaceDropped?: number;
  /** 0: up, 1: down, 2: gone, 3: failed. */
  readonly state: number;
  /** Of a device that is gone or failed: why, in libpcap's words. */
  readonly failure?: string;
}

/** What became of a device while the capture goes on. */
export interface NativeDeviceChange {
  readonly device: string;
  /** As NativeLiveDevice.state. */
  readonly state: number;
  /** libpcap's words, if it is gone or failed. */
  readonly detail: string;
  /** It is up because it came back. */
  readonly reopened: boolean;
}

/** The capture's threads. Constructing it opens the devices; their kernel buffers fill from then on. */
export interface NativeCapture {
  /** Once, with as many rings as lanes. Keeps the event loop alive until onEnd was called, which is once. */
  start(ring: RingHandle, onEnd: (end: NativeCaptureEnd) => void, onDevice: (change: NativeDeviceChange) => void): void;
  /**
   * Exchanges the filter of all devices, or of none; resolves once packets that come from then on pass by the new one
   * alone. Rejects with a {@link NativeOpenFailure}. False: the capture doesn't run. Two at the same time are exchanged in
   * the order in which they compile.
   */
  setFilter(expression: string): Promise<boolean>;
  /** Ends after the packets that have arrived; the second time, without waiting for lossless consumers. */
  stop(): void;
  /** Gives the devices of a capture that was never started back. */
  close(): void;
  devices(): NativeLiveDevice[];
}

/** How an injector ended. */
export interface NativeInjectEnd {
  /** 0: finished, 1: stopped, 2: the device is gone, 3: a packet is of a link type that the device doesn't take. */
  readonly outcome: number;
  /** That link type. */
  readonly linktype: number;
  /** Why the last packet that failed did, in libpcap's words; empty: none failed. */
  readonly lastError: string;
}

/** What became of packets; each is counted once, but for the truncated, which are among the injected. */
export interface NativeInjectCounters {
  readonly injected: number;
  readonly truncated: number;
  readonly tooLong: number;
  readonly failed: number;
  readonly missed: number;
}

/** The injector thread: puts the packets of a ring on a device. */
export interface NativeInjector {
  /** Once. Packets published from now on. Keeps the event loop alive until onEnd was called, which is once. */
  start(ring: RingHandle, onEnd: (end: NativeInjectEnd) => void): void;
  /** The last packet is published: ends when all are on the device. */
  finish(): void;
  /** Ends now. */
  stop(): void;
  /** Gives the device of an injector that was never started back. */
  close(): void;
  counters(): NativeInjectCounters;
  /** LINKTYPE_* number of what the device takes. */
  linktype(): number;
}

/** Something that a device can be asked for. */
export interface NativeChoice {
  readonly name: string;
  readonly description: string;
}

/** The pcap module. */
export interface PcapBinding {
  /** libpcap's own description of itself, for example `libpcap version 1.10.3 (with TPACKET_V3)`. */
  version(): string;
  listDevices(): NativeDevice[];
  /** Opens the device for a moment. Throws a {@link NativeOpenFailure}. */
  probeDevice(name: string): NativeProbe;
  /** Throws a {@link NativeOpenFailure}, as does the next. */
  listTimestampTypes(device: string): NativeChoice[];
  listLinktypes(device: string, monitor: boolean): NativeChoice[];
  /** A program of struct bpf_insn, 8 bytes each, in the host's byte order. Throws a NativeFailure. */
  compileFilter(expression: string, linktype: number, snaplen: number): Uint8Array;
  /** The same, on another thread. */
  compileFilterAsync(expression: string, linktype: number, snaplen: number): Promise<Uint8Array>;
  /** Throws a {@link NativeOpenFailure}. */
  Capture: new (
    options: NativeCaptureOptions,
  ) => NativeCapture;
  /** Throws a {@link NativeOpenFailure}. */
  Injector: new (
    device: string,
  ) => NativeInjector;
}

let loaded: PcapBinding | undefined;

/** The pcap module, loaded at first use. Throws ERR_TAP_NATIVE if it isn't built. */
export function loadPcap(): PcapBinding {
  loaded ??= loadNative<PcapBinding>('pcap', 'type `apt-get install libpcap-dev`, then `npm run build:native`');
  return loaded;
}

/** Whether an error is a device that could not be opened. */
export function isOpenFailure(error: unknown): error is NativeOpenFailure {
  return error instanceof Error && 'failure' in error && 'pcapStatus' in error;
}
