// A bytes channel each way; the receiver has each message in memory of its own.

import { bytesChannel, IpcOneShotServer, IpcSender } from 'pkttap/channel';

export const name = 'pkttap bytes channel';

/**
 * How the receiver takes its messages.
 *
 * @callback Listen
 * @param {import('pkttap/channel').IpcBytesReceiver} rx
 * @param {(bytes: Uint8Array) => void} onMessage
 * @returns {Promise<void>}
 */

/** @param {(address: string) => void} start starts the other process */
export const open = (start) => accept(start, own);

/** @param {string} address */
export const connect = (address) => join(address, own);

/** @param {(address: string) => void} start @param {Listen} listen */
export async function accept(start, listen) {
  const server = IpcOneShotServer.create();
  start(server.name);
  const { message } = await server.accept();
  const { tx, rx } = /** @type {any} */ (message);
  return link(tx, rx, listen);
}

/** @param {string} address @param {Listen} listen */
export async function join(address, listen) {
  const server = await IpcSender.connect(address);
  const [tx, theirRx] = bytesChannel();
  const [theirTx, rx] = bytesChannel();
  await server.send({ tx: theirTx, rx: theirRx });
  theirTx.close();
  return link(tx, rx, listen);
}

/** @type {Listen} */
async function own(rx, onMessage) {
  for (let bytes = await rx.recv(); bytes !== undefined; bytes = await rx.recv()) onMessage(bytes);
}

/**
 * @param {import('pkttap/channel').IpcBytesSender} tx
 * @param {import('pkttap/channel').IpcBytesReceiver} rx
 * @param {Listen} listen
 */
function link(tx, rx, listen) {
  return {
    send: (/** @type {Uint8Array} */ bytes) => tx.send(bytes),
    listen: (/** @type {(bytes: Uint8Array) => void} */ onMessage) => listen(rx, onMessage),
    close: () => tx.close(),
  };
}
