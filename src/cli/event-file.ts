// Lines in a file. It ends with a whole line, whatever happens to the disk.

import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { TapError } from '../errors.js';

const LINE_BREAK = 10;

/** A file that lines are appended to. Whoever opens it closes it. */
export class EventFile {
  readonly #path: string;
  #fd: number;
  #dropped = 0;

  /** Throws ERR_TAP_UNWRITABLE. */
  constructor(path: string) {
    this.#path = path;
    this.#fd = this.#open();
  }

  /** Lines that had no room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Throws ERR_TAP_UNWRITABLE, when as many whole lines as there is room for are written. */
  writeNow(bytes: Uint8Array): void {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      const whole = bytes.lastIndexOf(LINE_BREAK, written - 1) + 1;
      this.#cut(written - whole);
      this.#dropped += linesIn(bytes.subarray(whole));
      throw this.#unwritable('write', error);
    }
  }

  /** Goes on in a new file of the same name. Throws ERR_TAP_UNWRITABLE; then the old one stays. */
  reopen(): void {
    const old = this.#fd;
    this.#fd = this.#open();
    closeSync(old);
  }

  async close(): Promise<void> {
    try {
      closeSync(this.#fd);
    } catch (error) {
      throw this.#unwritable('close', error);
    }
  }

  #open(): number {
    try {
      return openSync(this.#path, 'a');
    } catch (error) {
      throw this.#unwritable('open', error);
    }
  }

  /** Takes back the beginning of a line. What is no file on a disk keeps it. */
  #cut(bytes: number): void {
    const { size } = fstatSync(this.#fd);
    if (bytes > 0 && fstatSync(this.#fd).isFile()) ftruncateSync(this.#fd, size - bytes);
  }

  #unwritable(syscall: string, cause: unknown): TapError {
    const { code: errno = '' } = cause as NodeJS.ErrnoException;
    const path = this.#path;
    return new TapError('ERR_TAP_UNWRITABLE', `can't ${syscall} ${path}: ${errno}`, { path, errno, syscall, cause });
  }
}

function linesIn(bytes: Uint8Array): number {
  return bytes.reduce((lines, byte) => lines + (byte === LINE_BREAK ? 1 : 0), 0);
}
