// The same bytes as shared memory, made once and sent as often as it takes: what large things are sent as.

import { channel, IpcOneShotServer, IpcSender, IpcSharedMemory } from 'pkttap/channel';

export const name = 'pkttap shared memory';

/** @param {(address: string) => void} start starts the other process */
export async function open(start) {
  const server = IpcOneShotServer.create();
  start(server.name);
  const { message } = await server.accept();
  const { tx, rx } = /** @type {any} */ (message);
  return link(tx, rx, false);
}

/** @param {string} address */
export async function connect(address) {
  const server = await IpcSender.connect(address);
  const [tx, theirRx] = channel();
  const [theirTx, rx] = channel();
  await server.send({ tx: theirTx, rx: theirRx });
  theirTx.close();
  return link(/** @type {any} */ (tx), /** @type {any} */ (rx), true);
}

/**
 * @param {IpcSender<IpcSharedMemory>} tx
 * @param {import('pkttap/channel').IpcReceiver<IpcSharedMemory>} rx
 * @param {boolean} sendsBack what it receives, as it is
 */
function link(tx, rx, sendsBack) {
  /** What was sent or received last, to be sent again. @type {{ bytes?: Uint8Array, memory?: IpcSharedMemory }} */
  const last = {};
  return {
    prepare: (/** @type {Uint8Array} */ bytes) => keep(IpcSharedMemory.fromBytes(bytes), bytes),
    async send(/** @type {Uint8Array} */ bytes) {
      if (last.bytes !== bytes) keep(IpcSharedMemory.fromBytes(bytes), bytes);
      await tx.send(/** @type {IpcSharedMemory} */ (last.memory));
    },
    async listen(/** @type {(bytes: Uint8Array) => void} */ onMessage) {
      for (let memory = await rx.recv(); memory !== undefined; memory = await rx.recv()) {
        const { bytes } = memory;
        if (sendsBack) keep(memory, bytes);
        onMessage(bytes);
        if (!sendsBack) memory.close();
      }
    },
    close: () => tx.close(),
  };

  /** @param {IpcSharedMemory} memory @param {Uint8Array} bytes */
  function keep(memory, bytes) {
    last.memory?.close();
    Object.assign(last, { memory, bytes });
  }
}
