// A source whose packets also go onto a network device, so that one replay serves those that read the tap and those that
// listen on a wire. Everybody sees the same packets in the same order; the device is waited for as a lossless consumer is.

import { CaptureError } from '../errors.js';
import type { RingHandle } from '../native/core.js';
import { isOpenFailure, loadPcap, type NativeInjectEnd, type NativeInjector } from '../native/pcap.js';
import { linktypeName } from '../packet/linktype.js';
import { openError } from './live-error.js';
import type { PacketSource, SourceControl, SourceEnd } from './packet-source.js';
import { startThread } from './start-thread.js';

/** What became of packets on the device. Each is counted once, but for the truncated, which are among the injected. */
export interface InjectCounters {
  /** Packets the device took. */
  readonly injected: number;
  /** Of those: packets that went out as short as they had been captured. */
  readonly truncated: number;
  /** Packets longer than the device's MTU allows. */
  readonly tooLong: number;
  /** Packets refused for another reason: {@link InjectedSource.lastError}. */
  readonly failed: number;
  /** Packets overwritten in the ring, by when the device had taken nothing for the stall timeout. */
  readonly missed: number;
}

/** `enum class InjectOutcome` of native/pcap/injector.h, by number. */
const OUTCOMES = ['finished', 'stopped', 'gone', 'wrong-linktype'] as const;

/** A source and a device. Made by {@link openInjected}. */
export class InjectedSource implements PacketSource {
  readonly description: string;
  readonly defaultPolicy: PacketSource['defaultPolicy'];
  readonly control?: SourceControl;
  readonly device: string;
  /** Why the last of the failed packets was refused, in libpcap's words; empty: none was. Set before onEnd is called. */
  lastError = '';
  readonly #source: PacketSource;
  readonly #native: NativeInjector;
  #stopped = false;

  constructor(source: PacketSource, device: string, native: NativeInjector) {
    this.description = source.description;
    this.defaultPolicy = source.defaultPolicy;
    if (source.control !== undefined) this.control = source.control;
    this.device = device;
    this.#source = source;
    this.#native = native;
  }

  get counters(): InjectCounters {
    return this.#native.counters();
  }

  /** The end comes when the last packet is on the device. One that fails there ends the source as well. */
  start(ring: RingHandle, onEnd: (end: SourceEnd) => void): void {
    let sourceEnd: SourceEnd | undefined;
    let failure: CaptureError | undefined;
    let injecting = true;
    const tellEnd = () => {
      if (sourceEnd === undefined || injecting) return;
      onEnd(failure === undefined ? sourceEnd : { reason: 'failed', error: failure });
    };
    const onInjected = (end: NativeInjectEnd) => {
      injecting = false;
      this.lastError = end.lastError;
      failure = this.#failureOf(end);
      if (failure !== undefined) this.#source.stop();
      tellEnd();
    };
    const what = `can't send to the device: device=${this.device}`;
    if (!startThread(() => this.#native.start(ring, onInjected), what, onEnd)) return;
    this.#source.start(ring, (end) => {
      sourceEnd = end;
      this.#native.finish();
      tellEnd();
    });
  }

  /** The second time, without waiting for what is not on the device yet. */
  stop(): void {
    this.#source.stop();
    if (this.#stopped) this.#native.stop();
    this.#stopped = true;
  }

  /** Closes the device of a source that was never started. */
  close(): void {
    this.#native.close();
  }

  #failureOf({ outcome, linktype }: NativeInjectEnd): CaptureError | undefined {
    const { device } = this;
    switch (OUTCOMES[outcome]) {
      case 'gone':
        return new CaptureError('ERR_TAP_DEVICE_GONE', `the device went away while it was sent to: device=${device}`, {
          device,
        });
      case 'wrong-linktype': {
        const [theirs, ours] = [linktype, this.#native.linktype()].map(linktypeName);
        const message = `a packet of link type ${theirs} can't go to a device of ${ours}: device=${device}; leave such files out`;
        return new CaptureError('ERR_TAP_INJECT', message, { device });
      }
      default:
        return undefined;
    }
  }
}

/**
 * Opens a device to send to, and gives a source that does. Throws CaptureError: ERR_TAP_NO_DEVICE, ERR_TAP_PERMISSION or
 * ERR_TAP_INJECT; ERR_TAP_NATIVE where the pcap module isn't built. A packet of another link type than the device's ends the
 * source with ERR_TAP_INJECT, a device that is removed with ERR_TAP_DEVICE_GONE.
 */
export function openInjected(source: PacketSource, device: string): InjectedSource {
  const { Injector } = loadPcap();
  try {
    return new InjectedSource(source, device, new Injector(device));
  } catch (error) {
    throw isOpenFailure(error) ? openError(error, { purpose: 'send' }) : error;
  }
}
