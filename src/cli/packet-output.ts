// What becomes of the packets that `pkttap attach` receives.

import type { PacketBatch } from '../ring/packet-batch.js';

export interface PacketOutput {
  /** Packets taken so far. */
  readonly packets: number;
  /** When timeUp wants to be called, by performance.now(), if no batch comes first. */
  readonly dueMs?: number;
  /** Takes a batch, whole. False: nobody wants more. */
  write(batch: PacketBatch): Promise<boolean>;
  /** False: nobody wants more. */
  timeUp(): Promise<boolean>;
  /** Ends the output. Rejects if the end could not be written. */
  close(): Promise<void>;
  /** After close: lines about what became of the packets, for standard error. */
  summary(): string[];
}
