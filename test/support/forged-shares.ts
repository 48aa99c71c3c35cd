// A share group's memory as a hostile tap might write it, in memory of the test's own.

import { LAYOUT_VERSION, SHARES_BYTES, SHARES_MAGIC, SharesField } from '../../src/ring/layout.js';

/** By include/pkttap.h: struct pkttap_epoch, of which there are 64 from here on. */
export const EPOCHS = 64;
const FIRST_EPOCH = 4096;
const EPOCH_BYTES = 1288;
const OWNERS = 264;
const SLOTS = 256;

/** The group's memory, as its tap writes it. */
export class ForgedShares {
  readonly shares = new ArrayBuffer(SHARES_BYTES);
  readonly #view = new DataView(this.shares);

  constructor() {
    this.#view.setBigUint64(SharesField.magic, SHARES_MAGIC, true);
    this.#view.setUint32(SharesField.version, LAYOUT_VERSION, true);
  }

  newest(number: bigint): void {
    this.#view.setBigUint64(SharesField.newest, number, true);
  }

  /** In the place of epoch `at`: its number, from which packet on it holds, and who has all flows. */
  epoch(at: number, number: bigint, begin: bigint, owner: number): void {
    const epoch = FIRST_EPOCH + (at % EPOCHS) * EPOCH_BYTES;
    this.#view.setBigUint64(epoch, number, true);
    this.#view.setBigUint64(epoch + 16, begin, true);
    for (let slot = 0; slot < SLOTS; slot++) this.#view.setUint32(epoch + OWNERS + 4 * slot, owner, true);
  }
}

/** A packet that never comes. */
export const NEVER = 2n ** 63n;

/** All the epochs that there is room for, the newest of number 200, each of them still to begin, and of this member. */
export function neverBegun(shares: ForgedShares, member: number): void {
  shares.newest(200n);
  for (let number = 200; number > 200 - EPOCHS; number--) shares.epoch(number, BigInt(number), NEVER, member);
}
