// When a savefile has enough in it. The three limits are dumpcap's, and so is their meaning: a file is full right after the
// packet that reached the limit, or when its time is up, packets or not.

/** What fills a file; whichever comes first. */
export interface FileLimits {
  /** Bytes of the file, from 1. It has more by what the last packet, or the last compressed block, goes beyond. */
  readonly bytes?: number;
  /** Packets, from 1. */
  readonly packets?: number;
  /** Seconds of this machine's clock since the file was begun, from 0.001. Packets' own times don't matter. */
  readonly seconds?: number;
}

/** What a file has so far. */
export interface FileExtent {
  readonly bytes: number;
  readonly packets: number;
}

/** Whether the file's size is reached. One without a packet never is: it would be followed by others like it for ever. */
export function isFull({ bytes, packets }: FileExtent, limits: FileLimits): boolean {
  return packets > 0 && (bytes >= (limits.bytes ?? Infinity) || packets >= (limits.packets ?? Infinity));
}

/** Throws RangeError for a limit that no file could have. */
export function checkLimits({ bytes, packets, seconds }: FileLimits): void {
  checkWhole('limits.bytes', bytes);
  checkWhole('limits.packets', packets);
  if (seconds !== undefined && !(seconds >= 0.001))
    throw new RangeError(`limits.seconds must be from 0.001: ${seconds}`);
}

/** Throws RangeError unless the value is left out or a whole number from 1. */
export function checkWhole(name: string, value: number | undefined): void {
  if (value !== undefined && (!Number.isSafeInteger(value) || value < 1))
    throw new RangeError(`${name} must be a whole number from 1: ${value}`);
}
