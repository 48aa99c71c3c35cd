// The receiving side: packets in place, in the ring of the stream. The end, a server that died and one that broke the rules
// are three different things: null, ERR_TAP_DIED, ERR_TAP_RING or ERR_TAP_PROTOCOL.

import { channel } from '../channel/channel.js';
import { IpcSender } from '../channel/sender.js';
import { attach } from '../consumer/attach.js';
import type { Consumer, ConsumerCounters, ReceiveOptions } from '../consumer/consumer.js';
import type { Policy } from '../control/messages.js';
import { ClosedError, ProtocolError } from '../errors.js';
import type { PacketBatch } from '../ring/packet-batch.js';
import type { StreamInvitation, StreamRequest } from './server.js';

/** How to connect. */
export interface ConnectOptions {
  /** lossless (default): the server waits for us. lossy: it doesn't, and we are told what we missed. */
  readonly policy?: Policy;
  /** Gives up connecting, and ends the client later; either rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A client: `for (let batch = await client.receivePackets(100); batch !== null; …) for (const packet of batch) …`. */
export class Client implements AsyncIterable<PacketBatch>, Disposable {
  readonly #consumer: Consumer;

  /**
   * Waits until the server of this name has accepted us. Rejects with ERR_TAP_NO_SERVER, ERR_TAP_PERMISSION,
   * ERR_TAP_REFUSED, ERR_TAP_DISCONNECTED if the server goes before it accepts, ERR_TAP_PROTOCOL if it is none of this kind.
   */
  static async connect(name: string, options: ConnectOptions = {}): Promise<Client> {
    const { signal } = options;
    using request = await IpcSender.connect<StreamRequest>(name, options);
    const [answer, answers] = channel<StreamInvitation>({ maxFds: 0, maxBytes: 65_536 });
    using _ = answers;
    await request.send(answer, options);
    answer.close();
    const invitation = await answers.recv(options);
    if (invitation === undefined)
      throw new ClosedError('ERR_TAP_DISCONNECTED', `the server has gone without accepting us: ${name}`);
    const { path, client } = checked(invitation);
    const policy = options.policy && { policy: options.policy };
    return new Client(await attach(path, { name: client, ...policy, ...(signal && { signal }) }));
  }

  private constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  /**
   * Up to `size` packets of what there is, waiting only if there is nothing; null at the end. The batch and its packets are
   * valid until the next call: `packet.copy()` keeps one. Rejects with ERR_TAP_DIED if the server died without saying so,
   * after everything that it had published; ERR_TAP_RING or ERR_TAP_PROTOCOL if it broke the rules; RangeError.
   */
  receivePackets(size: number, options?: ReceiveOptions): Promise<PacketBatch | null> {
    return this.#consumer.receivePackets(size, options);
  }

  /** The same without waiting: a batch of none if there is nothing now. */
  take(size: number): Promise<PacketBatch | null> {
    return this.#consumer.receivePackets(size, { maxWaitMs: 0 });
  }

  /** What was delivered, missed and not read yet. */
  counters(): ConsumerCounters {
    return this.#consumer.counters();
  }

  [Symbol.asyncIterator](): AsyncIterator<PacketBatch> {
    return this.#consumer[Symbol.asyncIterator]();
  }

  /** Leaves. Safe to call twice. */
  close(): void {
    this.#consumer.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function checked(invitation: StreamInvitation): StreamInvitation {
  const { path, client } = (invitation ?? {}) as Partial<StreamInvitation>;
  if (typeof path === 'string' && path.startsWith('/') && typeof client === 'string') return { path, client };
  throw new ProtocolError('ERR_TAP_PROTOCOL', 'not a server of packets: its answer names no stream');
}
