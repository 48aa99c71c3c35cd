// What a tap's source has counted, in one lane or over all of them.

/** Counts as last published, exact up to 2^53. */
export interface SourceCounters {
  /** Packets the source has given, filtered out or not. */
  readonly received: number;
  /** Packets the kernel dropped for want of buffer; undefined where the source can't know. */
  readonly kernelDropped: number | undefined;
  /** Packets the interface or its driver dropped; undefined where the source can't know. */
  readonly interfaceDropped: number | undefined;
  /** Packets put into the ring. */
  readonly published: number;
  /** Sum of the published packets' caplen. */
  readonly bytes: number;
}

/** Two lanes' counts as one. A sum with something unknown in it is unknown: it must not look as if little was dropped. */
export function addCounters(one: SourceCounters, other: SourceCounters): SourceCounters {
  return {
    received: one.received + other.received,
    kernelDropped: addKnown(one.kernelDropped, other.kernelDropped),
    interfaceDropped: addKnown(one.interfaceDropped, other.interfaceDropped),
    published: one.published + other.published,
    bytes: one.bytes + other.bytes,
  };
}

function addKnown(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other;
}
