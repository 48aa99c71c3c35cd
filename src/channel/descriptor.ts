// Any file descriptor as something that can be sent in a message: a file, a socket, a device.

import { ClosedError } from '../errors.js';
import { core } from '../native/core.js';
import { ATTACH, Attachable, type Attached, AttachmentKind, makers } from './attachment.js';
import { owned } from './owned.js';

/**
 * Owns a descriptor: `new IpcFd(openSync('a', 'r'))`. The receiver of a message gets a descriptor of its own, close-on-exec,
 * of the same open file. Closed by close(), `using`, or when it is collected.
 */
export class IpcFd extends Attachable implements Disposable {
  readonly #held: HeldFd;

  constructor(fd: number) {
    super();
    if (!Number.isInteger(fd) || fd < 0) throw new TypeError(`not a descriptor: ${fd}`);
    this.#held = owned(this, new HeldFd(fd));
  }

  /** The number, for calls such as fs.readSync; this object stays its owner. Throws ERR_TAP_CLOSED. */
  get fd(): number {
    return this.#held.fd;
  }

  /** Gives the descriptor to the caller, who closes it from now on. */
  take(): number {
    return this.#held.take();
  }

  /** Safe to call twice. */
  close(): void {
    this.#held.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [ATTACH](): Attached {
    return { kind: AttachmentKind.descriptor, fd: this.#held.fd };
  }
}

class HeldFd {
  #fd: number | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  get fd(): number {
    if (this.#fd !== undefined) return this.#fd;
    throw new ClosedError('ERR_TAP_CLOSED', 'a descriptor was used after it was closed or taken');
  }

  take(): number {
    const { fd } = this;
    this.#fd = undefined;
    return fd;
  }

  close(): void {
    if (this.#fd !== undefined) core().closeFd(this.take());
  }
}

makers.set(AttachmentKind.descriptor, (fd) => new IpcFd(fd));
