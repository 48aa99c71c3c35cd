// Where a decoding function says that decoding goes on: one reused object, so that saying so allocates nothing.

/** A place in a packet and what begins there. */
export class Entry {
  at = 0;
  /** An EtherType. */
  etherType = 0;

  /** Always true, so that a function can end with it. */
  set(at: number, etherType: number): true {
    this.at = at;
    this.etherType = etherType;
    return true;
  }
}
