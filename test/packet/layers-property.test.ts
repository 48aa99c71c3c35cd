import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NONE } from '../../src/packet/layer-codes.js';
import { Layers } from '../../src/packet/layers.js';
import { wildPackets } from '../support/wild-packets.js';

describe('Layers, on any bytes', () => {
  it('never throw, and never give a header that was not captured', () => {
    const layers = new Layers();
    fc.assert(
      fc.property(wildPackets(), (packet) => {
        layers.decode(packet);
        expect(layers.l3Offset).toBeLessThanOrEqual(packet.caplen);
        expect(layers.l4Offset).toBeLessThanOrEqual(packet.caplen);
        if (layers.srcPort !== NONE) expect(layers.l4Offset + 4).toBeLessThanOrEqual(packet.caplen);
        if (layers.ipVersion === 6) expect(layers.l3Offset + 40).toBeLessThanOrEqual(packet.caplen);
        if (layers.payloadOffset !== NONE) expect(layers.payloadLength).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 5000, seed: 1 },
    );
  });
});
