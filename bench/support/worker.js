// A program of the bench in a process of its own, and calls into it. Only orders and results travel this way: packets go
// the peer's own way, and clocks are read in the programs, so that no call is ever part of a measurement.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** @typedef {{ id: number, result?: any, error?: string }} Reply */

export class Worker {
  #child;
  #name;
  #nextId = 1;
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();

  /** @param {string} name of a file in programs/, without `.js` */
  constructor(name) {
    this.#name = name;
    this.#child = fork(fileURLToPath(new URL(`../programs/${name}.js`, import.meta.url)));
    this.#child.on('message', (reply) => this.#settle(/** @type {Reply} */ (reply)));
    this.#child.on('exit', (code, signal) => this.#rejectAll(`ended: code=${code} signal=${signal}`));
  }

  /**
   * @param {string} method
   * @param {object} [argument]
   * @returns {Promise<any>}
   */
  call(method, argument = {}) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, method, argument });
    });
  }

  /** Ends the program, whatever it is doing. */
  close() {
    this.#child.kill();
  }

  /** @param {Reply} reply */
  #settle({ id, result, error }) {
    const call = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(`${this.#name}: ${error}`));
  }

  /** @param {string} why */
  #rejectAll(why) {
    for (const { reject } of this.#waiting.values()) reject(new Error(`${this.#name} ${why}`));
    this.#waiting.clear();
  }
}
