// A bytes channel each way.

import { bytesChannel, IpcOneShotServer, IpcSender } from '../../dist/channel/index.js';

export const name = 'pkttap bytes channel';

/** @param {(address: string) => void} start starts the other process */
export async function open(start) {
  const server = IpcOneShotServer.create();
  start(server.name);
  const { message } = await server.accept();
  const { tx, rx } = /** @type {any} */ (message);
  return link(tx, rx);
}

/** @param {string} address */
export async function connect(address) {
  const server = await IpcSender.connect(address);
  const [tx, theirRx] = bytesChannel();
  const [theirTx, rx] = bytesChannel();
  await server.send({ tx: theirTx, rx: theirRx });
  theirTx.close();
  return link(tx, rx);
}

/**
 * @param {import('../../dist/channel/index.js').IpcBytesSender} tx
 * @param {import('../../dist/channel/index.js').IpcBytesReceiver} rx
 */
function link(tx, rx) {
  return {
    send: (/** @type {Uint8Array} */ bytes) => tx.send(bytes),
    async listen(/** @type {(bytes: Uint8Array) => void} */ onMessage) {
      for (let bytes = await rx.recv(); bytes !== undefined; bytes = await rx.recv()) onMessage(bytes);
    },
    close: () => tx.close(),
  };
}
