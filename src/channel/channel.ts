// Making channels.

import { core } from '../native/core.js';
import { explain } from '../native/failure.js';
import type { ReceiveLimits } from './attachment.js';
import { IpcBytesReceiver, IpcReceiver } from './receiver.js';
import { IpcBytesSender, IpcSender } from './sender.js';
import { SocketEnd } from './socket-end.js';

/**
 * A channel of values: a sender, which can be cloned and sent, and a receiver, which can be sent. Throws ERR_TAP_SYSTEM
 * where descriptors run out, RangeError for limits out of range.
 */
export function channel<T>(limits?: Partial<ReceiveLimits>): [IpcSender<T>, IpcReceiver<T>] {
  const [near, far] = makeEnds();
  return [new IpcSender(near), new IpcReceiver(far, limits)];
}

/** A channel of bytes. Throws as channel() does. */
export function bytesChannel(limits?: Partial<ReceiveLimits>): [IpcBytesSender, IpcBytesReceiver] {
  const [near, far] = makeEnds();
  return [new IpcBytesSender(near), new IpcBytesReceiver(far, limits)];
}

function makeEnds(): [SocketEnd, SocketEnd] {
  try {
    const [near, far] = core().socketPair();
    return [new SocketEnd(near), new SocketEnd(far)];
  } catch (error) {
    throw explain(error, 'ERR_TAP_SYSTEM', "can't make a channel");
  }
}
