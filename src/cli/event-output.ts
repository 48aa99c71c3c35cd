// Lines of JSON to standard output or to a file. Gathered, and written a batch at a time; every failure is told.

import { closeSync, openSync, writeSync } from 'node:fs';
import { TapError } from '../errors.js';
import { print } from './output.js';

/** Where an analyzer's events go. */
export class EventOutput {
  readonly #path: string;
  readonly #fd: number | undefined;
  #lines: string[] = [];
  /** A target that failed, and said so, is not tried again. */
  #hasFailed = false;

  /** `-`: standard output. A file is created, or appended to, as eve.json is. Throws ERR_TAP_UNWRITABLE. */
  constructor(path: string) {
    this.#path = path;
    this.#fd = path === '-' ? undefined : this.#try('open', () => openSync(path, 'a'));
  }

  add(line: string): void {
    this.#lines.push(line);
  }

  /** Writes what was added. False: nobody reads any more. Throws ERR_TAP_UNWRITABLE, once. */
  async flush(): Promise<boolean> {
    if (this.#hasFailed) return false;
    if (this.#lines.length === 0) return true;
    const text = `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    try {
      return await this.#write(text);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.flush();
    if (this.#fd !== undefined) this.#try('close', () => closeSync(this.#fd!));
  }

  async #write(text: string): Promise<boolean> {
    if (this.#fd === undefined) return await print(text);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += this.#try('write', () => writeSync(this.#fd!, bytes, at));
    return true;
  }

  #try<T>(what: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      const { code = '' } = cause as NodeJS.ErrnoException;
      const message = `can't ${what} ${this.#path}: ${code}`;
      throw new TapError('ERR_TAP_UNWRITABLE', message, { path: this.#path, errno: code, syscall: what, cause });
    }
  }
}
