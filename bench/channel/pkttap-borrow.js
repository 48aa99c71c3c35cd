// The same bytes channel; the receiver looks at each message where its sender wrote it, and gives it back.

import { accept, join } from './pkttap.js';

export const name = 'pkttap bytes, borrowed';

/** @param {(address: string) => void} start starts the other process */
export const open = (start) => accept(start, borrowed);

/** @param {string} address */
export const connect = (address) => join(address, borrowed);

/** @type {import('./pkttap.js').Listen} */
async function borrowed(rx, onMessage) {
  for (let message = await rx.borrow(); message !== undefined; message = await rx.borrow()) {
    onMessage(message.bytes);
    message.release();
  }
}
