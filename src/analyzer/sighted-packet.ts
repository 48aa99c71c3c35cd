// What an analyzer takes of a packet while it may still be overwritten. Of packets as most are it is taken here, of a whole
// chunk before any of them is looked at; all others are read one by one, when it is their turn.

import { IpProtocol, Layers, type PacketView } from '../index.js';
import { hasUsualOptions } from './decode/tcp-options.js';
import { isTunnelPort } from './decode/tunnel.js';
import { FlowSighting } from './flow/flow-table.js';

/** One packet's facts. The object is used for packet after packet: they hold until the next takePlain(). */
export class SightedPacket {
  readonly layers = new Layers();
  readonly seen = new FlowSighting();
  flowHash = 0;
  caplen = 0;

  /**
   * Takes a packet of which there is nothing to tell but its flow: plain headers, no options that have to be walked, no tunnel.
   * False for all others, and then it holds nothing. Throws only what the view throws when it is closed.
   */
  takePlain(packet: PacketView): boolean {
    const { layers, seen } = this;
    if (!layers.decodePlain(packet)) return false;
    if (layers.protocol === IpProtocol.tcp) {
      if (layers.payloadOffset > layers.end || !hasUsualOptions(packet, layers)) return false;
    } else if (isTunnelPort(layers.dstPort) || isTunnelPort(layers.srcPort)) {
      return false;
    }
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
