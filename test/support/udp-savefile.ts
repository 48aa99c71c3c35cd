// Savefiles of Ethernet frames, UDP unless a test has its own, written by the project's own writer, to send over a veth pair.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { makePacket } from '../../src/packet/packet-view.js';
import { createWriter } from '../../src/savefile/create-writer.js';
import { encodeSavefile } from './encode-savefile.js';
import { concat, ethernet, hex, ipv4, udp } from './frames.js';
import { countingBytes, makeInterface } from './packets.js';

export interface UdpSavefile {
  readonly path: string;
  /** The packets in it. */
  readonly frames: readonly Uint8Array[];
}

export interface UdpFields {
  /** Destination port of the packets, in turn. Default 53 alone. */
  readonly ports?: readonly number[];
  /** Bytes of payload; default: between 20 and 1000, different from packet to packet. */
  readonly payload?: number;
  /** To everybody on the cable, not to a stranger. */
  readonly broadcast?: boolean;
}

/** A file of `count` packets, no two the same, that goes when the test has finished. */
export function udpSavefile(count: number, { ports = [53], payload, broadcast = false }: UdpFields = {}): UdpSavefile {
  const frames = Array.from({ length: count }, (_, i) => {
    const data = countingBytes(payload ?? 20 + ((i * 37) % 980), i);
    const datagram = udp(data, { srcPort: 1024 + (i % 60_000), dstPort: ports[i % ports.length]! });
    const frame = concat(ethernet(0x0800), ipv4(datagram, { protocol: 17 }));
    if (broadcast) frame.set(hex('ffffffffffff'));
    return frame;
  });
  return { path: savefileOf(frames), frames };
}

/** A file of these Ethernet frames, that goes when the test has finished. */
export function savefileOf(frames: readonly Uint8Array[]): string {
  const interfaces = [makeInterface()];
  const packets = frames.map((data) => makePacket({ data, interface: interfaces[0]! }));
  const directory = mkdtempSync(join(tmpdir(), 'pkttap-udp-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'udp.pcap');
  writeFileSync(path, encodeSavefile(createWriter({ format: 'nsecpcap', interfaces }), packets));
  return path;
}
