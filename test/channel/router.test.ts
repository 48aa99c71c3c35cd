// Messages that are handled as they come.

import { describe, expect, it } from 'vitest';
import { channel, ROUTER, Router } from '../../src/channel/index.js';
import { closing, deferred, PERSON, type Person } from '../support/channels.js';

describe('a router', () => {
  it('router_simple_global: calls back for each message; after a shutdown, routes end at once', async () => {
    const [tx, rx] = channel<Person>();
    closing(tx);
    const heard = deferred<Person>();
    ROUTER.addRoute(rx, { onMessage: heard.resolve });
    await tx.send(PERSON);
    expect(await heard.promise).toEqual(PERSON);
    await ROUTER.shutdown();
    await expect(tx.send(PERSON)).rejects.toMatchObject({ code: 'ERR_TAP_DISCONNECTED' });
    const [lateTx, lateRx] = channel<Person>();
    const end = deferred<unknown>();
    ROUTER.addRoute(lateRx, { onMessage: () => {}, onEnd: end.resolve });
    expect(await end.promise).toBeUndefined();
    await expect(closing(lateTx).send(PERSON)).rejects.toMatchObject({ code: 'ERR_TAP_DISCONNECTED' });
  });

  it('router_multiplexing: keeps many receivers apart', async () => {
    using router = new Router();
    const heard: string[] = [];
    const ended = [0, 1].map(async (i) => {
      const [tx, rx] = channel<number>();
      const end = deferred<unknown>();
      router.addRoute(rx, { onMessage: (message) => void heard.push(`${i}:${message}`), onEnd: end.resolve });
      for (let n = 0; n < 3; n++) await tx.send(n);
      tx.close();
      expect(await end.promise).toBeUndefined();
    });
    await Promise.all(ended);
    expect(heard.sort()).toEqual(['0:0', '0:1', '0:2', '1:0', '1:1', '1:2']);
  });

  it('router_drops_callbacks_on_cloned_sender_shutdown: tells the end when the last sender has gone', async () => {
    using router = new Router();
    const [tx, rx] = channel<number>();
    const clones = [tx.clone(), tx.clone()];
    const end = deferred<unknown>();
    router.addRoute(rx, { onMessage: () => {}, onEnd: end.resolve });
    for (const each of [tx, ...clones]) each.close();
    expect(await end.promise).toBeUndefined();
  });

  it('router_big_data: takes messages of any size, one at a time', async () => {
    using router = new Router();
    const [tx, rx] = channel<Person[]>();
    const people = Array.from({ length: 20_000 }, () => PERSON);
    const heard: number[] = [];
    let atWork = 0;
    const end = deferred<unknown>();
    const onMessage = async (message: Person[]) => {
      expect(++atWork).toBe(1);
      await new Promise(setImmediate);
      heard.push(message.length);
      atWork--;
    };
    router.addRoute(rx, { onMessage, onEnd: end.resolve });
    for (let i = 0; i < 3; i++) await tx.send(people);
    tx.close();
    expect(await end.promise).toBeUndefined();
    expect(heard).toEqual([20_000, 20_000, 20_000]);
  });

  it('takes one message and no more where that was asked for', async () => {
    using router = new Router();
    const [tx, rx] = channel<number>();
    closing(tx);
    const heard: number[] = [];
    const end = deferred<unknown>();
    router.addOneShotRoute(rx, { onMessage: (message) => void heard.push(message), onEnd: end.resolve });
    await tx.send(1);
    expect(await end.promise).toBeUndefined();
    await expect(tx.send(2)).rejects.toMatchObject({ code: 'ERR_TAP_DISCONNECTED' });
    expect(heard).toEqual([1]);
  });

  it('ends a route whose handler throws, with that error, and no other', async () => {
    using router = new Router();
    const [tx, rx] = channel<number>();
    const end = deferred<unknown>();
    const onMessage = () => {
      throw new Error('no');
    };
    router.addRoute(rx, { onMessage, onEnd: end.resolve });
    await closing(tx).send(1);
    expect(await end.promise).toMatchObject({ message: 'no' });
  });

  it('finishes what its handlers are at before a shutdown is over', async () => {
    const router = new Router();
    const [tx, rx] = channel<number>();
    const started = deferred<void>();
    const goOn = deferred<void>();
    let finished = false;
    router.addRoute(rx, {
      async onMessage() {
        started.resolve();
        await goOn.promise;
        finished = true;
      },
    });
    await closing(tx).send(1);
    await started.promise;
    const shutdown = router.shutdown();
    goOn.resolve();
    await shutdown;
    expect(finished).toBe(true);
  });
});
