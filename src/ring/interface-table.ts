// The interface table of a ring, as a consumer reads it: append-only, so what was read once stays true.

import { RingError } from '../errors.js';
import type { InterfaceInfo, TimestampSource } from '../packet/interface.js';
import { INTERFACE_ENTRY_BYTES } from './layout.js';

const TIMESTAMP_SOURCES: readonly TimestampSource[] = ['kernel', 'adapter', 'userspace', 'savefile'];

// pcapng option codes of an Interface Description Block (draft-ietf-opsawg-pcapng, section 4.2).
const OPTION_NAMES: Readonly<Record<number, 'name' | 'description' | 'filter' | 'os'>> = {
  2: 'name',
  3: 'description',
  11: 'filter',
  12: 'os',
};
const IF_FCSLEN = 13;

type Options = { -readonly [K in 'name' | 'description' | 'filter' | 'os' | 'fcslen']?: InterfaceInfo[K] };

const text = new TextDecoder();

/** Reads entries as they appear. `all` is one array for the life of the table: indices in it never change. */
export class InterfaceTable {
  readonly all: InterfaceInfo[] = [];
  readonly #view: DataView;
  #used = 0;

  /** `view`: exactly the table's bytes. */
  constructor(view: DataView) {
    this.#view = view;
  }

  /** Reads on until `count` entries are known. Throws RingError if an entry runs over the table's end. */
  readUpTo(count: number): void {
    while (this.all.length < count) this.all.push(this.#readEntry());
  }

  #readEntry(): InterfaceInfo {
    const at = this.#used;
    const left = this.#view.byteLength - at;
    const bytes = left >= INTERFACE_ENTRY_BYTES ? this.#view.getUint16(at, true) : 0;
    if (bytes < INTERFACE_ENTRY_BYTES || bytes > left || bytes % 8 !== 0) {
      throw new RingError('ERR_TAP_RING', `interface table is corrupt: entry=${this.all.length} bytes=${bytes}`);
    }
    this.#used += bytes;
    return {
      index: this.all.length,
      linktype: this.#view.getUint16(at + 2, true),
      snaplen: this.#view.getUint32(at + 4, true),
      section: this.#view.getUint32(at + 8, true),
      timestampSource: TIMESTAMP_SOURCES[this.#view.getUint8(at + 12)] ?? 'userspace',
      ...this.#readOptions(at + INTERFACE_ENTRY_BYTES, at + bytes),
    };
  }

  #readOptions(start: number, end: number): Options {
    const found: Options = {};
    for (let at = start; at + 4 <= end; ) {
      const code = this.#view.getUint16(at, true);
      const length = this.#view.getUint16(at + 2, true);
      if (code === 0 || at + 4 + length > end) break;
      const key = OPTION_NAMES[code];
      if (key !== undefined) found[key] = this.#readText(at + 4, length);
      if (code === IF_FCSLEN && length === 1) found.fcslen = this.#view.getUint8(at + 4);
      at += 4 + ((length + 3) & ~3);
    }
    return found;
  }

  /** The decoder refuses shared memory that could change under it: it gets a copy. */
  #readText(at: number, length: number): string {
    return text.decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length).slice());
  }
}
