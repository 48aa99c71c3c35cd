// What Node has itself: the channel of child_process.fork, with its binary serialisation, the faster one for bytes.

export const name = 'process.send (advanced)';

/** @param {(address: string) => import('node:child_process').ChildProcess} start */
export async function open(start) {
  return link(start('-'));
}

export async function connect() {
  return link(process);
}

/** @param {NodeJS.Process | import('node:child_process').ChildProcess} peer */
function link(peer) {
  return {
    /** Goes on at once where Node's queue has room. @param {Uint8Array} bytes */
    send: (bytes) =>
      new Promise((resolve) => {
        const hasRoom = peer.send?.(bytes, undefined, undefined, () => resolve(undefined));
        if (hasRoom) resolve(undefined);
      }),
    async listen(/** @type {(bytes: Uint8Array) => void} */ onMessage) {
      peer.on('message', onMessage);
    },
    close: () => void peer.disconnect?.(),
  };
}
