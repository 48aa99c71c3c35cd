// One device opened by the package cap, which takes care that what cap leaves undone harms nobody: cap copies packets into a
// buffer that it doesn't keep alive, and never takes its poll handle out of the event loop's list, not even when it is
// closed or could not be opened. Whatever was made is therefore kept until the process ends.

import type { Cap } from 'cap';
import type { CaptureError } from '../errors.js';
import { Linktype } from '../packet/linktype.js';
import { RecordFlag } from '../packet/record.js';
import { kernelFacts } from './kernel-device.js';
import { deviceFailure, openError } from './live-error.js';
import { loadCap } from './load-cap.js';

/** The most bytes that cap takes of a packet; it offers no choice. */
export const CAP_SNAPLEN = 65_535;

/** Names that cap has for link types; others it calls by number. */
const LINKTYPES: Readonly<Record<string, number>> = {
  NULL: Linktype.null,
  ETHERNET: Linktype.ethernet,
  IEEE802_11_RADIO: 127,
  LINKTYPE_LINUX_SLL: Linktype.linuxSll,
  RAW: Linktype.raw,
};

// The packet's direction in a cooked header (LINKTYPE_LINUX_SLL): a byte that says who it was for.
const SLL_TYPE_AT = 1;
const TO_OTHER_HOST = 3;
const OUTGOING = 4;

/** All that was ever opened: a collected one would be written to by the event loop. */
const kept = new Set<Cap>();

/** An open device. Packets come from the next turn of the event loop on. */
export class CapDevice {
  readonly name: string;
  /** LINKTYPE_* number. */
  readonly linktype: number;
  /** Where cap puts each packet, before it calls. */
  readonly buffer = Buffer.allocUnsafeSlow(CAP_SNAPLEN);
  readonly #cap: Cap;
  readonly #fixedFlags: number;

  /** Throws CaptureError as openLive does, and ERR_TAP_NATIVE. `onPacket` must not throw. */
  constructor(
    name: string,
    options: { readonly filter: string; readonly bufferBytes: number },
    onPacket: (bytes: number) => void,
  ) {
    const { Cap } = loadCap();
    this.name = name;
    this.#cap = new Cap();
    kept.add(this.#cap);
    this.linktype = linktypeOf(this.#open(options));
    // Nobody fills in checksums of packets that never leave the host.
    this.#fixedFlags = kernelFacts(name).flags?.includes('loopback') ? RecordFlag.checksumUnknown : 0;
    // The closure is what keeps the buffer alive.
    this.#cap.on('packet', (bytes) => onPacket(Math.min(bytes, this.buffer.length)));
  }

  /** RecordFlag of the packet in the buffer. */
  get flags(): number {
    if (this.linktype !== Linktype.linuxSll) return this.#fixedFlags;
    const type = this.buffer[SLL_TYPE_AT]!;
    if (type === OUTGOING) return RecordFlag.outbound | RecordFlag.checksumUnknown;
    return type < TO_OTHER_HOST ? RecordFlag.inbound : 0;
  }

  /** No packet comes any more. Safe to call twice. */
  close(): void {
    this.#cap.close();
  }

  #open({ filter, bufferBytes }: { readonly filter: string; readonly bufferBytes: number }): string {
    try {
      return this.#cap.open(this.name, filter, bufferBytes, this.buffer);
    } catch (error) {
      throw explainOpen(this.name, filter, error as Error);
    }
  }
}

/** `Unknown linktype 195`: the numbers of cap's LINKTYPE_* and DLT_* are the same, but for those it has names for. */
function linktypeOf(name: string): number {
  return LINKTYPES[name] ?? Number(/\d+$/.exec(name)?.[0]);
}

/** cap passes on libpcap's words, and nothing else that tells one failure from another. */
function explainOpen(device: string, filter: string, { message: detail }: Error): CaptureError {
  const told = KINDS.find(([words]) => words.test(detail))?.[1];
  const kind = told ?? (filter === '' ? 'other' : 'bad-filter');
  return openError(deviceFailure({ kind, device, detail }), { filter });
}

/** The system's words begin with a capital; what is wrong with a filter is told otherwise. */
const KINDS = [
  [/^No such device/, 'no-device'],
  [/not permitted|permission/i, 'permission'],
  [/device is not up/, 'down'],
  [/^[A-Z]|: [A-Z]/, 'other'],
] as const;
