// SSH over TCP: both banners and fingerprints, one transaction and one event per connection.

import type { EveWriter } from '../../eve/eve-writer.js';
import type { AppListener, AppParser, AppProtocol, AppProtocolEntry, Transaction } from '../app-types.js';
import { Direction, Verdict } from '../app-types.js';
import { bytesOf, eveText } from '../text.js';
import { SshSide } from './ssh-side.js';

const BEGINNING = [0x53, 0x53, 0x48, 0x2d];

export const SSH: AppProtocolEntry = {
  protocol: 'ssh',
  probe,
  create: (listener) => new SshParser(listener),
};

class SshParser implements AppParser {
  readonly protocol: AppProtocol = 'ssh';
  readonly #listener: AppListener;
  readonly #tx = new SshTransaction();
  #broken = false;
  #reported = false;

  constructor(listener: AppListener) {
    this.#listener = listener;
  }

  get done(): boolean {
    return this.#reported || this.#broken;
  }

  get encrypted(): boolean {
    return this.#tx.sides[0].encrypted && this.#tx.sides[1].encrypted;
  }

  get hidden(): boolean {
    return this.encrypted;
  }

  data(direction: number, bytes: Uint8Array): void {
    const side = this.#tx.sides[direction]!;
    if (this.#broken) return;
    if (side.done) return side.goOn(bytes);
    const event = side.data(bytes);
    if (event !== undefined) this.#listener.anomaly('ssh', event, direction, this.#tx);
    if (side.protoVersion !== undefined) this.#listener.transaction(this.#tx, direction);
    if (this.#tx.sides[0].done && this.#tx.sides[1].done) this.#report();
  }

  gap(direction: number, length: number): void {
    const side = this.#tx.sides[direction]!;
    if (side.done) side.gap(length);
    else this.#broken = true;
  }

  close(): void {
    this.#report();
  }

  #report(): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#listener.finished(this.#tx);
  }
}

class SshTransaction implements Transaction {
  readonly protocol: AppProtocol = 'ssh';
  readonly id = 0;
  readonly sides = [new SshSide(false), new SshSide(true)] as const;

  isComplete(direction: number): boolean {
    return this.sides[direction]!.done;
  }

  buffers(name: string, direction: number): readonly Uint8Array[] {
    const text = this.#text(name, direction);
    return text === undefined ? [] : [bytesOf(text)];
  }

  #text(name: string, direction: number): string | undefined {
    const side = this.sides[direction]!;
    const own = direction === Direction.toServer ? 'ssh.hassh' : 'ssh.hassh.server';
    if (name === 'ssh.proto') return side.protoVersion;
    if (name === 'ssh.software') return side.softwareVersion;
    if (name === own) return side.hassh?.hash;
    return name === `${own}.string` ? side.hassh?.string : undefined;
  }

  number(): undefined {
    return undefined;
  }

  writeEve(out: EveWriter): void {
    const [client, server] = this.sides.map(sideText);
    out.members({ ssh: { ...(client && { client }), ...(server && { server }) } });
  }
}

function sideText(side: SshSide): object | undefined {
  if (side.protoVersion === undefined) return undefined;
  return {
    proto_version: eveText(side.protoVersion),
    software_version: eveText(side.softwareVersion!),
    ...(side.hassh && { hassh: { hash: side.hassh.hash, string: eveText(side.hassh.string) } }),
  };
}

function probe(_direction: number, bytes: Uint8Array): number {
  const known = Math.min(bytes.length, BEGINNING.length);
  for (let i = 0; i < known; i++) if (bytes[i] !== BEGINNING[i]) return Verdict.no;
  return known === BEGINNING.length ? Verdict.yes : Verdict.needsMore;
}
