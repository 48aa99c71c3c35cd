// Channels between processes that know a name only.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  channel,
  type IpcBytesReceiver,
  type IpcFd,
  IpcOneShotServer,
  type IpcReceiver,
  IpcSender,
  IpcServer,
  type IpcSharedMemory,
} from '../../src/channel/index.js';
import { closing, PEER, PERSON, type Person, startPeer } from '../support/channels.js';
import { AS_NOBODY, whyNoNobody } from '../support/nobody.js';
import { run } from '../support/run.js';
import { testFolder } from '../support/taps.js';
import { until } from '../support/until.js';

/** What `import 'pkttap/channel'` gives, for programs that are not part of the package. */
const CHANNEL = join(import.meta.dirname, '../../dist/bundle/channel.js');

describe('a server for one client', () => {
  it('cross_process_spawn: gets the first message, and a receiver for the rest', async () => {
    const server = closing(IpcOneShotServer.create<string>());
    startPeer('hello', server.name);
    const { receiver, message } = await server.accept();
    expect(message).toBe('hello');
    expect(await closing(receiver).recv()).toBeUndefined();
    expect(existsSync(server.name)).toBe(false);
  });

  it('cross_process_embedded_senders_spawn: hears through a sender that came from another process', async () => {
    const server0 = closing(IpcOneShotServer.create<IpcSender<Person>>());
    const server2 = closing(IpcOneShotServer.create<Person>());
    startPeer('embeddedSenders', server0.name, server2.name);
    const { receiver, message: tx1 } = await server0.accept();
    closing(receiver);
    await closing(tx1).send(PERSON);
    const { message } = await server2.accept();
    expect(message).toEqual(PERSON);
  });

  it('goes on waiting after a client that left without a word', async () => {
    const server = closing(IpcOneShotServer.create<string>());
    const accepting = server.accept();
    (await IpcSender.connect<string>(server.name)).close();
    const client = closing(await IpcSender.connect<string>(server.name));
    await client.send('here');
    const { receiver, message } = await accepting;
    closing(receiver);
    expect(message).toBe('here');
  });
});

describe('a server', () => {
  it('accepts any number of clients, before and after they connect, and knows who they are', async () => {
    const server = closing(IpcServer.create<string>());
    const peers = ['a', 'b', 'c'].map((word) => startPeer('hello', server.name, word));
    const words: (string | undefined)[] = [];
    const pids: number[] = [];
    for (const _ of peers) {
      const { receiver, peer } = await server.accept();
      words.push(await closing(receiver).recv());
      pids.push(peer.pid);
      expect(peer.uid).toBe(process.getuid!());
    }
    expect(words.sort()).toEqual(['a', 'b', 'c']);
    expect(pids.sort()).toEqual(peers.map(({ pid }) => pid).sort());
  });

  it('has the name it was given, gives it back, and takes it over from one that was killed', async () => {
    const name = join(testFolder(), 'mine.sock');
    const server = IpcServer.create({ name });
    expect(server.name).toBe(name);
    expect(() => IpcServer.create({ name })).toThrow(expect.objectContaining({ code: 'ERR_TAP_NAME_IN_USE' }));
    server.close();
    await expect(IpcSender.connect(name)).rejects.toMatchObject({ code: 'ERR_TAP_NO_SERVER' });
    // What a killed server leaves: a socket on which nobody listens.
    const code = `const { IpcServer } = await import('${CHANNEL}');
      IpcServer.create({ name: '${name}' });
      process.kill(process.pid, 'SIGKILL');`;
    await run('node', ['--input-type=module', '-e', code]);
    expect(existsSync(name)).toBe(true);
    closing(IpcServer.create({ name }));
    closing(await IpcSender.connect(name));
  });

  it('is not for other users, whatever the modes of its socket', async (context) => {
    const why = await whyNoNobody();
    if (why !== undefined) return context.skip(why);
    const folder = testFolder();
    chmodSync(folder, 0o755);
    const server = closing(IpcServer.create<string>({ name: join(folder, 'a.sock') }));
    chmodSync(server.name, 0o777);
    const stranger = run('setpriv', [...AS_NOBODY, 'node', PEER, 'hello', server.name, 'let me in']);
    const accepting = server.accept();
    await stranger;
    const friend = closing(await IpcSender.connect<string>(server.name));
    await friend.send('a friend');
    expect(await closing((await accepting).receiver).recv()).toBe('a friend');
  });

  it('refuses a folder that other users can write to', async (context) => {
    const why = await whyNoNobody();
    if (why !== undefined) return context.skip(why);
    const folder = testFolder();
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'pkttap-ipc'), { mode: 0o755 });
    const code = `const { IpcServer } = await import('${CHANNEL}'); IpcServer.create();`;
    const env = { XDG_RUNTIME_DIR: folder };
    const { stderr } = await run('setpriv', [...AS_NOBODY, 'node', '--input-type=module', '-e', code], { env });
    expect(stderr).toContain('ERR_TAP_PERMISSION');
  });

  it('stops waiting when the time is up, when the signal aborts, when it is closed', async () => {
    const server = closing(IpcServer.create());
    await expect(server.accept({ timeoutMs: 5 })).rejects.toMatchObject({ code: 'ERR_TAP_TIMEOUT' });
    const aborting = new AbortController();
    const given = server.accept({ signal: aborting.signal });
    aborting.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    const waiting = server.accept();
    server.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_TAP_CLOSED' });
  });

  it.each(['', '-x', 'x'.repeat(65), 'a b'])('refuses the name %j', (name) => {
    expect(() => IpcServer.create({ name })).toThrow(RangeError);
  });
});

describe('another process', () => {
  it('cross_process_sender_transfer_spawn: takes a receiver over and answers through a sender', async () => {
    const server = closing(IpcOneShotServer.create<IpcSender<unknown>>());
    startPeer('takeOver', server.name);
    const { receiver, message: tx } = await server.accept();
    closing(receiver);
    const [numbers, theirs] = channel<number>();
    const [answer, answers] = channel<number>();
    await numbers.send(1);
    await closing(tx).send({ receiver: theirs, answer });
    answer.close();
    await numbers.send(2);
    numbers.close();
    const received: number[] = [];
    for await (const number of closing(answers)) received.push(number);
    expect(received).toEqual([2, 4]);
  });

  it('cross_process_two_step_transfer_spawn: takes receivers that lie unread in each other', async () => {
    const server = closing(IpcOneShotServer.create<IpcSender<IpcReceiver<unknown>>>());
    const [oneTx, oneRx] = channel<string>();
    const [twoTx, twoRx] = channel<IpcReceiver<string>>();
    await closing(oneTx).send('cookie');
    await closing(twoTx).send(oneRx);
    startPeer('twoSteps', server.name);
    const { receiver, message: tx } = await server.accept();
    await closing(tx).send(twoRx);
    expect(await (closing(receiver) as IpcReceiver<unknown>).recv()).toBe('cookie');
  });

  it('sends memory, files and channels at any depth', async () => {
    const path = join(testFolder(), 'file');
    writeFileSync(path, 'text');
    const server = closing(
      IpcOneShotServer.create<{
        deep: [{ er: { memory: IpcSharedMemory; file: IpcFd } }];
        bytesRx: IpcBytesReceiver;
      }>(),
    );
    startPeer('everything', server.name, path);
    const { receiver, message } = await server.accept();
    closing(receiver);
    const { memory, file } = message.deep[0].er;
    expect(closing(memory).bytes.every((byte) => byte === 0xba)).toBe(true);
    expect(readFileSync(closing(file).fd, 'utf8')).toBe('text');
    const bytes = (await closing(message.bytesRx).recv())!;
    expect([bytes.length, bytes.every((byte) => byte === 7)]).toEqual([300_000, true]);
  });

  // seeds: 65 descriptors panic the receiver, 254 are EINVAL.
  it.each([65, 254, 600])('sends %i channels in a message, and each works', async (count) => {
    const server = closing(IpcOneShotServer.create<IpcSender<number>[]>());
    startPeer('manyEnds', server.name, String(count));
    const { receiver, message } = await server.accept();
    for (const [i, sender] of message.entries()) await closing(sender).send(i);
    expect(await closing(receiver).recv()).toEqual([(count * (count - 1)) / 2]);
  });

  it('sends a message of 1 GiB, which is mapped and not copied', async (context) => {
    const available = /^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'));
    if (Number(available?.[1]) < 4 << 20) return context.skip('needs 4 GiB of free memory');
    const bytes = 2 ** 30;
    const server = closing(IpcOneShotServer.create<IpcBytesReceiver>());
    startPeer('huge', server.name, String(bytes));
    const { receiver, message } = await server.accept();
    closing(receiver);
    const before = process.memoryUsage().rss;
    const received = (await closing(message).recv())!;
    expect([received.length, received[0], received.at(-1)]).toEqual([bytes, 1, 2]);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
  }, 240_000);

  it('that floods a receiver which stands still is held up, and holds next to nothing', async () => {
    const server = closing(IpcServer.create<Uint8Array>());
    const peer = startPeer('flood', server.name);
    const { receiver } = await server.accept();
    await peer.printed('"held"');
    const { sent, held } = JSON.parse(firstLine(peer.stdout)) as { sent: number; held: number };
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(1000);
    expect(held).toBeLessThan(32 << 20);
    expect((await receiver.recv())!.length).toBe(60_000);
    receiver.close();
    await peer.printed('ERR_TAP_DISCONNECTED');
  });

  it('that is killed ends its channel, after everything it had sent', async () => {
    const server = closing(IpcServer.create<Uint8Array>());
    const peer = startPeer('flood', server.name);
    const { receiver } = await server.accept();
    await peer.printed('"held"');
    const { sent } = JSON.parse(firstLine(peer.stdout)) as { sent: number };
    peer.signal('SIGKILL');
    await peer.ended;
    let received = 0;
    for await (const message of closing(receiver) as IpcReceiver<Uint8Array>) received += message.length / 60_000;
    expect(received).toBe(sent);
  });

  it('receiver_set_eintr: that was stopped in a selection goes on with it', async () => {
    const server = closing(IpcOneShotServer.create<IpcSender<string>>());
    const peer = startPeer('selectOnce', server.name);
    const { receiver, message: tx } = await server.accept();
    peer.signal('SIGSTOP');
    await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${peer.pid}/status`, 'utf8')));
    peer.signal('SIGCONT');
    await closing(tx).send('Test');
    expect(await (closing(receiver) as IpcReceiver<unknown>).recv()).toEqual({ isFirst: true, selections: ['Test'] });
  });
});

function firstLine(text: string): string {
  return text.split('\n')[0]!;
}
