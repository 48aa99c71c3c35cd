// Sealed memory of somebody else's, as bytes. Nobody can change it, so a copy and a mapping show the same.

import { core, type NativeMapping } from '../native/core.js';

/** Writing to the bytes changes them here alone. The descriptor stays the caller's. Throws a NativeFailure if it isn't sealed. */
export function openSealed(fd: number, maxBytes: number): NativeMapping {
  const buffer = core().readSealed(fd, maxBytes);
  if (buffer === undefined) return core().mapSealed(fd, maxBytes);
  return { buffer, unmap: () => core().detach(buffer) };
}
