// The other process of the channel tests: channel-peer.js SCENARIO NAME [ARGUMENT]. What it finds goes to standard output, as
// lines of JSON.

import { fstatSync, openSync, readFileSync } from 'node:fs';
import { bytesChannel, channel, IpcFd, IpcReceiverSet, IpcSender, IpcSharedMemory } from 'pkttap/channel';
import { FdSocket } from 'pkttap/fdpass';

const [scenario, name, argument] = process.argv.slice(2);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

function leave({ code }) {
  say({ code });
  process.exit();
}

const SCENARIOS = {
  /** Sends one message. */
  async hello() {
    const tx = await IpcSender.connect(name);
    await tx.send(argument ?? 'hello');
  },

  /** Sends a sender, waits for a message through it, and says so to another server. */
  async embeddedSenders() {
    const [tx1, rx1] = channel();
    const tx0 = await IpcSender.connect(name);
    await tx0.send(tx1);
    const person = await rx1.recv();
    const tx2 = await IpcSender.connect(argument);
    await tx2.send(person);
  },

  /** Takes a receiver over and answers through the sender that comes with it. */
  async takeOver() {
    const [tx, rx] = channel();
    const server = await IpcSender.connect(name);
    await server.send(tx);
    const { receiver, answer } = await rx.recv();
    for await (const number of receiver) await answer.send(number * 2);
  },

  /** Gets a receiver, out of that another one, and out of that a cookie, which it sends back. */
  async twoSteps() {
    const server = await IpcSender.connect(name);
    const [tx, rx] = channel();
    await server.send(tx);
    const two = await rx.recv();
    const one = await two.recv();
    await server.send(await one.recv());
  },

  /** Sends bytes as an ordinary message, a bytes channel, shared memory and an open file. */
  async everything() {
    const tx = await IpcSender.connect(name);
    const [bytesTx, bytesRx] = bytesChannel();
    const memory = IpcSharedMemory.fromByte(0xba, 1 << 20);
    await tx.send({ deep: [{ er: { memory, file: new IpcFd(openSync(argument)) } }], bytesRx });
    await bytesTx.send(new Uint8Array(300_000).fill(7));
  },

  /** Sends messages, of this length, until there is no more room, tells how far it came and what it holds, and waits for room. */
  async flood() {
    const tx = await IpcSender.connect(name);
    const message = new Uint8Array(Number(argument ?? 60_000));
    let sent = 0;
    while (tx.trySend(message)) sent++;
    const waiting = tx.send(message);
    say({ sent, held: process.memoryUsage().arrayBuffers });
    await waiting.catch(leave);
    for (;;) await tx.send(message).catch(leave);
  },

  /** Sends many bytes in one message. */
  async huge() {
    const tx = await IpcSender.connect(name);
    const [bytesTx, bytesRx] = bytesChannel();
    await tx.send(bytesRx);
    const bytes = new Uint8Array(Number(argument));
    bytes[0] = 1;
    bytes[bytes.length - 1] = 2;
    await bytesTx.send(bytes);
  },

  /** Many ends of channels in one message; each of them works. */
  async manyEnds() {
    const tx = await IpcSender.connect(name);
    const receivers = [];
    const senders = Array.from({ length: Number(argument) }, () => {
      const [sender, receiver] = channel();
      receivers.push(receiver);
      return sender;
    });
    await tx.send(senders);
    let sum = 0;
    for (const receiver of receivers) sum += await receiver.recv();
    await tx.send([sum]);
  },

  /** Waits in a set, and answers what it was woken with. */
  async selectOnce() {
    const [tx0, rx0] = channel();
    const set = new IpcReceiverSet();
    const id = set.add(rx0);
    const tx1 = await IpcSender.connect(name);
    await tx1.send(tx0);
    const selections = await set.select();
    await tx1.send({ isFirst: selections[0].id === id, selections: selections.map(({ message }) => message) });
  },

  /** Receives a descriptor and reads from it. */
  async receiveFd() {
    const socket = await FdSocket.connect(name);
    const fd = argument === 'sync' ? socket.recvFdSync(7) : await socket.recvFd(7);
    say({ text: readFileSync(fd, 'utf8'), isFile: fstatSync(fd).isFile() });
  },
};

await SCENARIOS[scenario]();
