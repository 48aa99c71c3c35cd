// What a tap is told when it is opened, and what it tells: of its consumers as it runs, and of its end.

import type { ConsumerStats, TapStats } from '../control/messages.js';
import type { PacketSource, SourceEnd } from '../source/packet-source.js';
import type { Packets } from '../source/pulled-packets.js';

/** What a tap publishes, under which name, and for whom. */
export interface TapOptions {
  /** 1 to 64 letters, digits or `_.:@-`. */
  readonly name: string;
  readonly source: PacketSource;
  /** Folder of the socket. Default: $PKTTAP_DIR, else /run/pkttap for root, else $XDG_RUNTIME_DIR/pkttap. */
  readonly directory?: string;
  /**
   * Capacity of each of the source's lanes in bytes, a power of two from 1 MiB to 1 GiB. Default 4 MiB if the source can
   * wait, else 64 MiB.
   */
  readonly ringBytes?: number;
  /** What consumers get that don't ask; those that ask for lossless are refused by a lossy tap. Default: the source's. */
  readonly defaultPolicy?: 'lossless' | 'lossy';
  /** A lossless consumer that makes no progress for this long while the tap waits for it is made lossy. Default 30,000. */
  readonly stallTimeoutMs?: number;
  /** A peer that connects and does not say what it wants within this time is refused. Default 5,000. */
  readonly helloTimeoutMs?: number;
  /** Group, by name or number, that may attach beside root and this user. */
  readonly group?: string;
  /** More users and groups, by name or number, that may attach. */
  readonly allowUsers?: readonly string[];
  readonly allowGroups?: readonly string[];
  /** The uid that this process will have once it has dropped its privileges: owns the socket. Default: the one it has. */
  readonly owner?: number;
  /**
   * A socket that listens already, a descriptor that the tap closes; its file stays. `directory` and the groups' and
   * users' reach are then the business of whoever made it; who connects is checked all the same.
   */
  readonly listener?: number;
}

/** A tap of packets that are made here. */
export interface PublishOptions extends Omit<TapOptions, 'source'> {
  /** Where they come from. Left out: from `send()`. */
  readonly packets?: Packets;
  /** What `pkttap list` calls their source. Default: `published`. */
  readonly description?: string;
}

/** How a tap ended, with the last of its statistics. */
export interface TapEnd extends SourceEnd {
  readonly stats: TapStats;
}

/** Told as it happens; for the command line's messages. */
export interface TapEvents {
  onAttach?(consumer: ConsumerStats): void;
  /** `last`: its statistics as it left, if it was attached and not only asking for statistics. */
  onDetach?(consumer: string, error?: unknown, last?: ConsumerStats): void;
  onRefuse?(why: string): void;
}
