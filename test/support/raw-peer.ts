// A peer of a tap that says whatever a test wants it to, and hears what comes back: one end of a real socket.

import { Packr } from 'msgpackr';
import { onTestFinished } from 'vitest';
import { decodeFromTap, encode } from '../../src/control/codec.js';
import {
  type FromConsumer,
  type FromTap,
  type Hello,
  MAX_LANES,
  MAX_MESSAGE_BYTES,
} from '../../src/control/messages.js';
import { core } from '../../src/native/core.js';
import { untilFound } from './until.js';

export const HELLO: Hello = { type: 'hello', versions: [1], role: 'consumer', name: 'raw', policy: 'lossy' };

export interface Heard {
  readonly message: FromTap;
  readonly fds: readonly number[];
}

export interface RawPeer {
  readonly fd: number;
  send(bytes: Uint8Array, fds?: readonly number[]): void;
  say(message: FromConsumer): void;
  /** Any MessagePack at all. */
  pack(value: unknown): void;
  /** The next message, its descriptors included; undefined at the end of the connection. */
  hear(): Promise<Heard | undefined>;
  /** Resolves when the tap has closed the connection. */
  closed(): Promise<void>;
  close(): void;
}

const packr = new Packr({ useRecords: false });

/** Connects to the socket; closed with the test, with every descriptor that came. */
export function connectRaw(path: string): RawPeer {
  const native = core();
  const fd = native.connect(path);
  const received: number[] = [];
  const buffer = new Uint8Array(MAX_MESSAGE_BYTES);
  let open = true;
  const close = () => {
    for (const each of received.splice(0)) native.closeFd(each);
    if (open) native.closeFd(fd);
    open = false;
  };
  onTestFinished(close);
  const send = (bytes: Uint8Array, fds: readonly number[] = []) => void native.send(fd, bytes, fds);
  const hear = async () => {
    const { bytes, fds } = await untilFound(() => native.receive(fd, buffer, 2 * MAX_LANES));
    received.push(...fds);
    return bytes === 0 ? undefined : { message: decodeFromTap(buffer.slice(0, bytes)), fds };
  };
  return {
    fd,
    send,
    say: (message) => send(encode(message)),
    pack: (value) => send(packr.pack(value)),
    hear,
    async closed() {
      while ((await hear()) !== undefined);
    },
    close,
  };
}
