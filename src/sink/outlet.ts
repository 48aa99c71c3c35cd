// Where a sink's bytes leave the process. Two kinds behind one face: files and devices, which the thread pool writes,
// and pipes and sockets, which must never be written by a thread: one that blocks there keeps the process from ending.

/** How far a write came. `error` is set when not everything was written; trying again is of no use then. */
export interface WriteResult {
  readonly written: number;
  readonly error?: NodeJS.ErrnoException;
}

export interface Outlet {
  /** Writes all of `bytes`, which must stay as they are until the result is there. Never rejects. */
  write(bytes: Uint8Array): Promise<WriteResult>;
  /** Bytes that have arrived at the target, less those taken back. */
  readonly bytes: number;
  /**
   * Writes what the target ends with, if nothing more comes: the next write takes its place, and it doesn't count as written.
   * Gives the error, if there was one. Left out where it isn't possible: all but regular files opened here.
   */
  writeEnd?(end: Uint8Array): Promise<NodeJS.ErrnoException | undefined>;
  /** Takes back the last `bytes` written, where that is possible: a regular file. */
  retract(bytes: number): Promise<void>;
  /** Closes what was opened here; a descriptor that was given stays open. */
  close(): Promise<void>;
}
