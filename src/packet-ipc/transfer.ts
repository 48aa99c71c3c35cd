// From a stream of batches to a connection, with a result for each.

import type { SendOptions } from '../source/packet-like.js';
import type { ConnectedIpc } from './connection.js';
import type { AsIpcPacket } from './packet.js';

/**
 * Sends each batch of the source and yields how many packets it had, once it is sent. The source is asked for the next one
 * only then. The stream stays open at the end: close the connection. Throws as ConnectedIpc.send() rejects, and what the
 * source throws.
 */
export async function* transferIpc(
  source: AsyncIterable<readonly AsIpcPacket[]> | Iterable<readonly AsIpcPacket[]>,
  connection: ConnectedIpc,
  options?: SendOptions,
): AsyncGenerator<number, void, void> {
  for await (const packets of source) {
    await connection.send(packets, options);
    yield packets.length;
  }
}
