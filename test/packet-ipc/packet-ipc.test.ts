// Packets between processes, as packet-ipc's own tests have them and where it breaks.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IpcSender, IpcServer } from '../../src/channel/index.js';
import {
  type AsIpcPacket,
  Client,
  type ConnectedIpc,
  Packet,
  Server,
  transferIpc,
} from '../../src/packet-ipc/index.js';
import { closing } from '../support/channels.js';
import { makeTapFolder, type Running } from '../support/pkttap.js';
import { openFds } from '../support/taps.js';
import { until } from '../support/until.js';

const PEER = join(import.meta.dirname, '../programs/packet-ipc-peer.js');

function startPeer(scenario: string, name: string, options: object = {}): Running {
  return makeTapFolder().spawn('node', [PEER, scenario, name, JSON.stringify(options)]);
}

function lastLine(text: Buffer | string): unknown {
  return JSON.parse(text.toString().trim().split('\n').at(-1)!);
}

function numbered(first: number, end: number): Packet[] {
  return Array.from({ length: end - first }, (_, i) => new Packet(BigInt(first + i), Uint8Array.of(first + i)));
}

/** A server, a client of it in this process, and the connection between them. */
async function connected(options: Parameters<typeof Server.create>[0] = {}) {
  const server = closing(Server.create(options));
  const connecting = Client.connect(server.name);
  const connection = closing(await server.accept());
  return { server, connection, client: closing(await connecting) };
}

async function timesOf(client: Client, size = 1000): Promise<bigint[]> {
  const times: bigint[] = [];
  for (let batch = await client.receivePackets(size); batch !== null; batch = await client.receivePackets(size))
    for (const packet of batch) times.push(packet.tsNs);
  return times;
}

describe('a packet', () => {
  it('test_roundtrip: arrives with its nanoseconds, lengths, link type and interface', async () => {
    const { connection, client } = await connected();
    const from = { name: 'eth7', linktype: 101, snaplen: 96 };
    const packets: AsIpcPacket[] = [
      new Packet(1_700_000_000_123_456_789n, Uint8Array.of(1, 2, 3), { origlen: 1500, interface: from }),
      new Packet(new Date(1_700_000_000_001), new Uint8Array(), { linktype: 113 }),
      { tsNs: 5n, data: new Uint8Array(262_144).fill(9) },
    ];
    await connection.send(packets);
    const seen: unknown[] = [];
    for (const packet of (await client.receivePackets(10))!) {
      const { tsNs, caplen, origlen, linktype } = packet;
      seen.push([tsNs, caplen, origlen, linktype, packet.interface.name, [...packet.data.subarray(0, 3)]]);
    }
    expect(seen).toEqual([
      [1_700_000_000_123_456_789n, 3, 1500, 101, 'eth7', [1, 2, 3]],
      [1_700_000_000_001_000_000n, 0, 0, 113, undefined, []],
      [5n, 262_144, 262_144, 1, undefined, [9, 9, 9]],
    ]);
  });

  it('that was received can be sent on as it is', async () => {
    const first = await connected();
    const second = await connected();
    await first.connection.send([new Packet(7n, Uint8Array.of(1), { interface: { name: 'eth1', linktype: 113 } })]);
    for (const packet of (await first.client.receivePackets(1))!) await second.connection.send([packet]);
    const [packet] = [...(await second.client.receivePackets(1))!].map((each) => each.copy());
    expect([packet!.tsNs, packet!.linktype, packet!.interface.name]).toEqual([7n, 113, 'eth1']);
  });

  it('that is too long is refused, with its batch', async () => {
    const { connection, client } = await connected();
    const bad = new Packet(0n, new Uint8Array(262_145));
    await expect(connection.send([...numbered(0, 1), bad])).rejects.toThrow(RangeError);
    await connection.send(numbered(5, 6));
    expect([...(await client.receivePackets(10))!].map(({ tsNs }) => tsNs)).toEqual([5n]);
  });
});

describe('a connection', () => {
  it('test_connect_to_server and test_multiple_packet_receive: gives another process every packet in order, then the end', async () => {
    const server = closing(Server.create());
    const peer = startPeer('read', server.name, { size: 7 });
    const connection = closing(await server.accept());
    // Several rings of 4 MiB, in batches of all sizes.
    for (let at = 0, size = 1; at < 300_000; at += size, size = (size * 3 + 1) % 9973)
      await connection.send(numbered(at, Math.min(at + size, 300_000)));
    await connection.send(null);
    const { stdout, stderr } = await peer.ended;
    expect(stderr).toBe('');
    expect(lastLine(stdout)).toEqual({ read: 300_000, inOrder: true, end: 'end' });
  });

  it('an empty batch is an empty batch, and no end', async () => {
    const { connection, client } = await connected();
    await connection.send([]);
    await connection.send(numbered(0, 3));
    await connection.send([]);
    expect([...(await client.take(2))!]).toHaveLength(2);
    const waiting = timesOf(client);
    await connection.close();
    expect(await waiting).toEqual([2n]);
  });

  it('gives up to as many as asked for of what there is, without waiting for more', async () => {
    const { connection, client } = await connected();
    const count = (batch: Iterable<unknown> | null) => [...batch!].length;
    expect(count(await client.take(10))).toBe(0);
    await connection.send(numbered(0, 5));
    expect(count(await client.receivePackets(3))).toBe(3);
    expect(count(await client.take(1))).toBe(1);
    expect(count(await client.receivePackets(100))).toBe(1);
    expect(count(await client.take(1))).toBe(0);
    await expect(client.receivePackets(0)).rejects.toThrow(RangeError);
    await expect(client.take(0.5)).rejects.toThrow(RangeError);
    expect(client.counters()).toMatchObject({ delivered: 5, missed: 0, lag: 0 });
  });

  it('holds up its sender when a client stands still, with a fixed amount of memory, until the signal aborts', async () => {
    const server = closing(Server.create({ ringBytes: 1 << 20 }));
    startPeer('read', server.name, { hold: 1 });
    const connection = closing(await server.accept());
    const aborting = new AbortController();
    const packets = Array.from({ length: 1000 }, () => new Packet(0n, new Uint8Array(1000)));
    let sent = 0;
    const flooding = (async () => {
      for (;;) {
        await connection.send(packets, { signal: aborting.signal });
        sent += packets.length;
      }
    })();
    await until(() => sent > 0);
    aborting.abort(new Error('enough'));
    await expect(flooding).rejects.toThrow('enough');
    expect(sent * 1000).toBeLessThanOrEqual(1 << 20);
  });

  it('tells when its last client has gone', async () => {
    const server = closing(Server.create());
    const peer = startPeer('die', server.name);
    const connection = closing(await server.accept());
    await connection.send(numbered(0, 10));
    await peer.ended;
    await until(() => connection.clients === 0);
    await expect(connection.send(numbered(0, 1))).rejects.toMatchObject({ code: 'ERR_TAP_DISCONNECTED' });
  });

  it('refuses packets after its close, which can be repeated', async () => {
    const { connection, client } = await connected();
    await connection.close();
    await connection.close();
    await expect(connection.send(numbered(0, 1))).rejects.toMatchObject({ code: /CLOSED|DISCONNECTED/ });
    expect(await client.receivePackets(1)).toBeNull();
  });

  it('sends what is given at once in the order in which it was given', async () => {
    const { connection, client } = await connected({ ringBytes: 1 << 20 });
    const reading = timesOf(client);
    const sending = Array.from({ length: 200 }, (_, i) => connection.send(numbered(i * 1000, (i + 1) * 1000)));
    await Promise.all(sending);
    await connection.close();
    expect(await reading).toEqual(Array.from({ length: 200_000 }, (_, i) => BigInt(i)));
  });
});

describe('a server', () => {
  it('gives each client a stream of its own', async () => {
    const server = closing(Server.create());
    const streams: { client: Client; connection: ConnectedIpc }[] = [];
    for (let i = 0; i < 3; i++) {
      const connecting = Client.connect(server.name);
      streams.push({ connection: closing(await server.accept()), client: closing(await connecting) });
    }
    for (const [i, { connection }] of streams.entries()) await connection.send(numbered(i * 10, i * 10 + 2));
    for (const { connection } of streams) await connection.close();
    const times = await Promise.all(streams.map(({ client }) => timesOf(client)));
    expect(times).toEqual([0, 10, 20].map((first) => [BigInt(first), BigInt(first + 1)]));
  });

  it('lets clients join a stream, which is published once for all of them', async () => {
    const server = closing(Server.create());
    const peers = Array.from({ length: 3 }, () => startPeer('read', server.name));
    const connection = closing(await server.accept());
    for (let i = 1; i < peers.length; i++) expect(await server.accept({ into: connection })).toBe(connection);
    expect(connection.clients).toBe(3);
    await connection.send(numbered(0, 5000));
    await connection.close();
    for (const { ended } of peers)
      expect(lastLine((await ended).stdout)).toEqual({ read: 5000, inOrder: true, end: 'end' });
  });

  it('counts the clients of a stream that came by way of several servers', async () => {
    const { connection, client } = await connected();
    const other = closing(Server.create());
    const connecting = Client.connect(other.name);
    await other.accept({ into: connection });
    const second = await connecting;
    expect(connection.clients).toBe(2);
    second.close();
    await until(() => connection.clients === 1);
    await connection.send(numbered(0, 1));
    expect([...(await client.receivePackets(2))!]).toHaveLength(1);
  });

  it('goes on waiting after clients that left or made no sense', async () => {
    const server = closing(Server.create());
    const accepting = server.accept();
    (await IpcSender.connect(server.name)).close();
    const connecting = Client.connect(server.name);
    const connection = closing(await accepting);
    closing(await connecting);
    expect(connection.clients).toBe(1);
  });

  it('stops waiting when the time is up or the signal aborts', async () => {
    const server = closing(Server.create());
    await expect(server.accept({ timeoutMs: 5 })).rejects.toMatchObject({ code: 'ERR_TAP_TIMEOUT' });
    const aborting = new AbortController();
    const waiting = server.accept({ signal: aborting.signal });
    aborting.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('leaves nothing open behind', async () => {
    await closeAll(await connected());
    const before = openFds();
    for (let i = 0; i < 20; i++) await closeAll(await connected());
    await until(() => openFds() <= before);
  });
});

describe('a client', () => {
  const ENDS = [
    ['close', 'end'],
    ['die', 'ERR_TAP_DIED'],
    ['leave', 'ERR_TAP_DIED'],
  ] as const;
  for (const [how, end] of ENDS) {
    it(`sees ${end} when its server does this: ${how}; after every packet`, async () => {
      const peer = startPeer('serve', '-', { packets: 1000, finally: how });
      await peer.printed('"name"');
      const { name } = lastLine(peer.stdout) as { name: string };
      const client = closing(await Client.connect(name));
      let read = 0;
      const reading = (async () => {
        for await (const batch of client) read += [...batch].length;
      })();
      if (end === 'end') await reading;
      else await expect(reading).rejects.toMatchObject({ code: end });
      expect(read).toBe(1000);
    });
  }

  it('is told that there is no server, or that it went before it accepted', async () => {
    const server = Server.create();
    const connecting = Client.connect(server.name);
    const outcome = expect(connecting).rejects.toMatchObject({ code: 'ERR_TAP_DISCONNECTED' });
    server.close();
    await outcome;
    await expect(Client.connect(server.name)).rejects.toMatchObject({ code: 'ERR_TAP_NO_SERVER' });
  });

  it('refuses a server of something else', async () => {
    const server = closing(IpcServer.create<IpcSender<unknown>>());
    const connecting = Client.connect(server.name);
    const { receiver } = await server.accept();
    const answer = closing((await closing(receiver).recv())!);
    await answer.send({ path: 5 });
    await expect(connecting).rejects.toMatchObject({ code: 'ERR_TAP_PROTOCOL' });
  });
});

describe('transferIpc', () => {
  it('sends batch by batch, and tells of each', async () => {
    const { connection, client } = await connected();
    async function* source() {
      yield numbered(0, 3);
      yield [];
      yield numbered(3, 5);
    }
    const results: number[] = [];
    for await (const packets of transferIpc(source(), connection)) results.push(packets);
    await connection.close();
    expect(results).toEqual([3, 0, 2]);
    expect(await timesOf(client)).toEqual([0n, 1n, 2n, 3n, 4n]);
  });
});

async function closeAll({ server, connection, client }: Awaited<ReturnType<typeof connected>>): Promise<void> {
  client.close();
  await connection.close();
  server.close();
}
