// Where things lie in a ring and in a cursor: the TypeScript half of include/pkttap.h, which has the drawings and says who
// writes what. Offsets in bytes from the start of the mapping. A test compares both files.

/** Bytes of the ring's header: one page. */
export const RING_HEADER_BYTES = 4096;
export const CURSOR_BYTES = 4096;

export const RING_MAGIC = 0x474e495250415400n;
export const CURSOR_MAGIC = 0x5253525543415400n;
export const SHARES_MAGIC = 0x5352414853415400n;
export const LAYOUT_VERSION = 1;

/** Smallest and largest capacity of a ring, in bytes; every capacity is a power of two. */
export const MIN_CAPACITY = 1 << 20;
export const MAX_CAPACITY = 1 << 30;

/** The ring is reserved, published and checkpointed in blocks of 2^16 bytes. */
export const BLOCK_SHIFT = 16;
export const BLOCK_BYTES = 1 << BLOCK_SHIFT;

export const CHECKPOINT_BYTES = 16;
export const INTERFACE_ENTRY_BYTES = 16;

/** A counter that the source can't give. */
export const UNKNOWN = 0xffff_ffff_ffff_ffffn;

export const RingField = {
  magic: 0,
  version: 8,
  dataOffset: 12,
  capacity: 16,
  generation: 24,
  createdNs: 32,
  firstPosition: 40,
  firstSequence: 48,
  checkpointsOffset: 56,
  interfacesOffset: 60,
  interfacesBytes: 64,
  tailIntent: 128,
  tail: 192,
  sequence: 200,
  received: 256,
  kernelDropped: 264,
  interfaceDropped: 272,
  bytes: 280,
  state: 320,
  endReason: 324,
  interfaceCount: 328,
  endMessage: 336,
} as const;

export const END_MESSAGE_BYTES = 240;

export const CursorField = {
  magic: 0,
  version: 8,
  position: 64,
  delivered: 72,
  missed: 80,
  filtered: 88,
  sleeping: 128,
} as const;

/** Of a share group's memory: what a member reads in JavaScript; native/core/share.cc reads the epochs. */
export const SharesField = {
  magic: 0,
  version: 8,
  newest: 64,
  members: 72,
  handedOver: 80,
  handOverUnknown: 88,
} as const;

export const SHARES_BYTES = 86_528;

export const RingState = { open: 0, ended: 1 } as const;

/** Why a ring ended, by the number in its header. */
export const END_REASONS = ['none', 'finished', 'stopped', 'failed'] as const;

/** finished: the source came to its end. stopped: the tap was told to. failed: the source broke; a message says how. */
export type EndReason = 'finished' | 'stopped' | 'failed';
