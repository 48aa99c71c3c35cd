// Calls back for messages of many receivers, so that nobody has to wait for them. A callback that returns a promise is waited
// for: a receiver's messages are handled one by one, in order, and senders that are too fast are held up.

import type { ChannelReceiver } from './receiver.js';

/** What becomes of a route's messages. */
export interface RouteHandler<T> {
  onMessage(message: T): void | Promise<void>;
  /** Once, last. Without an error: the last sender has gone, or the router was shut down. */
  onEnd?(error?: unknown): void;
}

/** Routes, each on its own. A message that can't be received, or a handler that throws, ends its route with that error. */
export class Router implements Disposable {
  readonly #receivers = new Set<ChannelReceiver<unknown>>();
  readonly #routes = new Set<Promise<void>>();
  #isDown = false;

  /** Takes the receiver; it is closed when the route has ended. After shutdown() it ends at once. */
  addRoute<T>(receiver: ChannelReceiver<T>, handler: RouteHandler<T>): void {
    if (this.#isDown) receiver.close();
    this.#receivers.add(receiver);
    const route = this.#run(receiver, handler).finally(() => this.#routes.delete(route));
    this.#routes.add(route);
  }

  /** The same for one message: the receiver is closed after it. */
  addOneShotRoute<T>(receiver: ChannelReceiver<T>, handler: RouteHandler<T>): void {
    const onMessage = async (message: T) => {
      await handler.onMessage(message);
      receiver.close();
    };
    this.addRoute(receiver, { ...(handler.onEnd && { onEnd: handler.onEnd.bind(handler) }), onMessage });
  }

  /** Closes all receivers, and resolves when every handler that is at work has finished. */
  async shutdown(): Promise<void> {
    this[Symbol.dispose]();
    await Promise.all(this.#routes);
  }

  [Symbol.dispose](): void {
    this.#isDown = true;
    for (const receiver of this.#receivers) receiver.close();
  }

  async #run<T>(receiver: ChannelReceiver<T>, handler: RouteHandler<T>): Promise<void> {
    let failure: unknown;
    try {
      for (let message = await receiver.recv(); message !== undefined; message = await receiver.recv()) {
        await handler.onMessage(message);
        if (!receiver.end.open) break;
      }
    } catch (error) {
      if (receiver.end.open) failure = error;
    }
    receiver.close();
    this.#receivers.delete(receiver);
    handler.onEnd?.(failure);
  }
}

/** The process's own router, for those who need no other. */
export const ROUTER = new Router();
