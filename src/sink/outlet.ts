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
  /** Takes back the last `bytes` written, where that is possible: a regular file. */
  retract(bytes: number): Promise<void>;
  /** Closes what was opened here; a descriptor that was given stays open. */
  close(): Promise<void>;
}
