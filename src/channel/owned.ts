// Descriptors of objects that nobody refers to any more are closed; what arrives as an end of a channel is one.

import { ProtocolError } from '../errors.js';
import { core } from '../native/core.js';
import { SocketEnd } from './socket-end.js';

interface Closable {
  close(): void;
}

const abandoned = new FinalizationRegistry<Closable>((held) => held.close());

/** Closes `held` at the latest when `owner` is collected. `held` must not refer to the owner. */
export function owned<T extends Closable>(owner: object, held: T): T {
  abandoned.register(owner, held);
  return held;
}

/** Attack: a descriptor of something else, on which we would then send and receive. Throws ProtocolError. */
export function arrivedEnd(fd: number): SocketEnd {
  if (core().isChannelSocket(fd)) return new SocketEnd(fd);
  throw new ProtocolError('ERR_TAP_PROTOCOL', 'bad message: a descriptor in it is said to be of a channel and is not');
}
