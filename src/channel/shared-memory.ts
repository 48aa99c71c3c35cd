// Memory that is filled once and then the same for everybody: sealed, so that whoever receives it may rely on what it has
// read, and never meets a SIGBUS. Sending it sends a descriptor, however large it is.

import { ClosedError } from '../errors.js';
import { core, type NativeMapping } from '../native/core.js';
import { explain } from '../native/failure.js';
import { ATTACH, Attachable, type Attached, AttachmentKind, makers } from './attachment.js';
import { owned } from './owned.js';
import { openSealed } from './sealed.js';

const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** Sealed memory. Closed by close(), `using`, or when it is collected. */
export class IpcSharedMemory extends Attachable implements Disposable {
  readonly #memory: SealedMemory;

  /** A copy of the bytes. Throws ERR_TAP_SYSTEM where memory or descriptors run out. */
  static fromBytes(bytes: Uint8Array): IpcSharedMemory {
    let fd: number | undefined;
    try {
      fd = core().sealBytes(bytes);
      return new IpcSharedMemory(fd, UNLIMITED);
    } catch (error) {
      if (fd !== undefined) core().closeFd(fd);
      throw explain(error, 'ERR_TAP_SYSTEM', `can't make shared memory: bytes=${bytes.length}`);
    }
  }

  /** `length` times the same byte. */
  static fromByte(byte: number, length: number): IpcSharedMemory {
    return IpcSharedMemory.fromBytes(new Uint8Array(length).fill(byte));
  }

  /** For what arrives: takes ownership of the descriptor. Throws ERR_TAP_PROTOCOL for one that isn't sealed or too large. */
  constructor(fd: number, maxBytes: number) {
    super();
    this.#memory = owned(this, new SealedMemory(fd, maxBytes));
  }

  /** Its length in bytes. */
  get length(): number {
    return this.bytes.length;
  }

  /**
   * The bytes, in place. Others see them as they were made: to write to them changes a copy of the page in this process
   * alone. Empty after close(), throws ERR_TAP_CLOSED when asked for then.
   */
  get bytes(): Uint8Array {
    return this.#memory.bytes;
  }

  /** Gives memory and descriptor back here; others keep theirs. Safe to call twice. */
  close(): void {
    this.#memory.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [ATTACH](): Attached {
    return { kind: AttachmentKind.sharedMemory, fd: this.#memory.fd };
  }
}

class SealedMemory {
  readonly #fd: number;
  readonly #mapping: NativeMapping;
  readonly #bytes: Uint8Array;
  #open = true;

  constructor(fd: number, maxBytes: number) {
    this.#fd = fd;
    try {
      this.#mapping = openSealed(fd, maxBytes);
    } catch (error) {
      throw explain(error, 'ERR_TAP_PROTOCOL', "can't map shared memory");
    }
    this.#bytes = new Uint8Array(this.#mapping.buffer);
  }

  get fd(): number {
    this.#check();
    return this.#fd;
  }

  get bytes(): Uint8Array {
    this.#check();
    return this.#bytes;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#mapping.unmap();
    core().closeFd(this.#fd);
  }

  #check(): void {
    if (!this.#open) throw new ClosedError('ERR_TAP_CLOSED', 'shared memory was used after it was closed');
  }
}

makers.set(AttachmentKind.sharedMemory, (fd, { maxBytes }) => new IpcSharedMemory(fd, maxBytes));
