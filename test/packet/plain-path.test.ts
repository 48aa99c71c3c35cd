// The short way of decoding beside the general one.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Layers } from '../../src/packet/layers.js';
import { decodeLink } from '../../src/packet/link-layer.js';
import type { PacketView } from '../../src/packet/packet-view.js';
import { classicFiles, corpusPresent } from '../support/corpus.js';
import { packetsOf } from '../support/pcap-packets.js';
import { wildPackets } from '../support/wild-packets.js';

/** Every field, by the general way. */
function generally(packet: PacketView): object {
  const layers = new Layers();
  layers.end = packet.caplen;
  layers.wireEnd = Math.max(packet.origlen, layers.end);
  decodeLink(packet, layers);
  return { ...layers };
}

describe('the plain path', () => {
  it('gives what the general one gives, on any bytes, whatever the packet before was', () => {
    const layers = new Layers();
    fc.assert(
      fc.property(wildPackets(), (packet) => {
        layers.decode(packet);
        expect({ ...layers }).toEqual(generally(packet));
      }),
      { numRuns: 5000, seed: 5 },
    );
  });

  it('changes nothing where it is not for the packet', () => {
    const layers = new Layers();
    fc.assert(
      fc.property(wildPackets(), (packet) => {
        const before = { ...layers };
        if (layers.decodePlain(packet)) expect({ ...layers }).toEqual(generally(packet));
        else expect({ ...layers }).toEqual(before);
      }),
      { numRuns: 5000, seed: 6 },
    );
  });

  it.skipIf(!corpusPresent)('gives what the general one gives, and is for most packets of the corpus', () => {
    const layers = new Layers();
    let plain = 0;
    let all = 0;
    for (const { path } of classicFiles(8)) {
      for (const packet of packetsOf(path)) {
        all++;
        if (layers.decodePlain(packet)) plain++;
        layers.decode(packet);
        const general = generally(packet);
        if (!isSame(layers, general)) expect({ path, ...layers }).toEqual({ path, ...general });
      }
    }
    expect(plain / all).toBeGreaterThan(0.5);
  });
});

/** As toEqual says, for many packets. */
function isSame(layers: Layers, general: object): boolean {
  const own = layers as unknown as Record<string, number>;
  return Object.entries(general).every(([field, value]) => Object.is(own[field], value));
}
