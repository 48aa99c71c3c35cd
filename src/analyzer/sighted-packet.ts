// What an analyzer takes of a packet while it may still be overwritten. Of packets as most are it is taken here, of a whole
// chunk before any of them is looked at; all others are read one by one, when it is their turn.

import { Layers, type PacketView } from '../index.js';
import { hasUsualOptions } from './decode/tcp-options.js';
import { isTunnelPort } from './decode/tunnel.js';
import { Tracking } from './flow/flow-key.js';
import { FlowSighting } from './flow/flow-table.js';
import type { ShareOwner } from './flow/share-owner.js';
import { TCP } from './ip-protocols.js';

/** One packet's facts. The object is used for packet after packet: they hold until the next takePlain(). */
export class SightedPacket {
  readonly layers = new Layers();
  readonly seen = new FlowSighting();
  /** Whether it was taken. */
  isPlain = false;
  /** Whether it counts here, where there are several analyzers. */
  isOwn = true;
  caplen = 0;

  /**
   * Takes a packet of which there is nothing to tell but its flow: plain headers, no options that have to be walked, no tunnel.
   * False for all others, and then it holds nothing. Throws only what the view throws when it is closed.
   */
  takePlain(packet: PacketView, owner: ShareOwner | undefined): boolean {
    const { layers, seen } = this;
    this.isPlain = layers.decodePlain(packet) && hasNothingToTell(packet, layers);
    if (!this.isPlain) return false;
    this.isOwn = owner === undefined || owner.ownsHash(packet.flowHash);
    seen.tracked = Tracking.own;
    seen.key.takePlain(packet, layers);
    seen.tsSec = packet.tsSec;
    seen.tsNsec = packet.tsNsec;
    seen.bytes = packet.origlen;
    seen.flags = layers.tcpFlags;
    seen.seq = layers.tcpSeq;
    seen.interfaceIndex = packet.interfaceIndex;
    this.caplen = packet.caplen;
    return true;
  }
}

function hasNothingToTell(packet: PacketView, layers: Layers): boolean {
  if (layers.protocol === TCP) return layers.payloadOffset <= layers.end && hasUsualOptions(packet, layers);
  return !isTunnelPort(layers.dstPort) && !isTunnelPort(layers.srcPort);
}
