// What happened in a tap between two looks at its statistics, in rates.

import { protocolText } from '../analyzer/flow/address-text.js';
import type { ConsumerStats, TapStats } from '../control/messages.js';
import type { Amount, TrafficPart } from './top-traffic.js';

/** Rates by second; bits are those on the wire, scaled by the part of the packets that was looked at. */
export interface Rates {
  readonly packetsPerSecond: number;
  readonly bitsPerSecond: number;
}

/** One look, as `--json` prints it. What the source doesn't know is left out. */
export interface TopReport extends Rates {
  /** ISO 8601. */
  readonly time: string;
  readonly tap: string;
  readonly state: TapStats['state'];
  readonly source: string;
  /** Since the last look. */
  readonly seconds: number;
  readonly published: number;
  readonly kernelDropped?: number;
  readonly kernelDroppedPerSecond?: number;
  readonly interfaceDropped?: number;
  readonly interfaceDroppedPerSecond?: number;
  readonly consumers: readonly ConsumerRates[];
  /** The part of the packets that was looked at for what follows, from 0 to 1. */
  readonly lookedAt: number;
  readonly flows: readonly (Rates & { readonly client: string; readonly server: string; readonly protocol: string })[];
  readonly talkers: readonly (Rates & { readonly address: string })[];
  /** In no flow: not IP, later fragments, or there were too many flows. */
  readonly other: Rates;
}

export interface ConsumerRates extends Pick<ConsumerStats, 'name' | 'pid' | 'policy' | 'missed' | 'lag'> {
  readonly packetsPerSecond: number;
  readonly missedPerSecond: number;
}

/** How much there is room for. */
export interface Room {
  readonly flows: number;
  readonly talkers: number;
}

/** Compares two looks, so many seconds apart. `part`: what went by meanwhile. */
export function reportOf(
  before: TapStats,
  now: TapStats,
  part: TrafficPart,
  { seconds, room }: { readonly seconds: number; readonly room: Room },
): TopReport {
  const published = now.published - before.published;
  // What was published while we asked belongs to one look or the other.
  const lookedAt = Math.min(1, part.packets / Math.max(published, part.packets, 1));
  const scaled = ({ packets, bytes }: Amount): Rates => ({
    packetsPerSecond: packets / (lookedAt || 1) / seconds,
    bitsPerSecond: (bytes * 8) / (lookedAt || 1) / seconds,
  });
  const byBytes = (one: Amount, other: Amount) => other.bytes - one.bytes;
  const talkers = [...part.talkers].sort(([, one], [, other]) => byBytes(one, other)).slice(0, room.talkers);
  const flows = [...part.flows].sort(byBytes).slice(0, room.flows);
  return {
    time: new Date().toISOString(),
    tap: now.tap,
    state: now.state,
    source: now.source,
    seconds,
    published: now.published,
    packetsPerSecond: published / seconds,
    bitsPerSecond: ((now.bytes - before.bytes) * 8) / seconds,
    ...lossesOf(before, now, seconds),
    consumers: now.consumers.map((consumer) => consumerRates(before, consumer, seconds)),
    lookedAt: part.packets === 0 && published === 0 ? 1 : lookedAt,
    flows: flows.map(({ client, server, protocol, ...amount }) => {
      return { client, server, protocol: protocolText(protocol), ...scaled(amount) };
    }),
    talkers: talkers.map(([address, amount]) => ({ address, ...scaled(amount) })),
    other: scaled(part.other),
  };
}

function lossesOf(before: TapStats, now: TapStats, seconds: number) {
  const { kernelDropped, interfaceDropped } = now;
  return {
    ...(kernelDropped !== undefined && {
      kernelDropped,
      kernelDroppedPerSecond: (kernelDropped - (before.kernelDropped ?? 0)) / seconds,
    }),
    ...(interfaceDropped !== undefined && {
      interfaceDropped,
      interfaceDroppedPerSecond: (interfaceDropped - (before.interfaceDropped ?? 0)) / seconds,
    }),
  };
}

function consumerRates(before: TapStats, consumer: ConsumerStats, seconds: number): ConsumerRates {
  const { id, name, pid, policy, delivered, missed, lag } = consumer;
  const old = before.consumers.find((each) => each.id === id) ?? { delivered: 0, missed: 0 };
  const packetsPerSecond = (delivered - old.delivered) / seconds;
  return { name, pid, policy, packetsPerSecond, missedPerSecond: (missed - old.missed) / seconds, missed, lag };
}
