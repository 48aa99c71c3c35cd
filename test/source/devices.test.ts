// The list of devices, and what is known of each, on real ones.

import { describe, expect, it } from 'vitest';
import { listDevices } from '../../src/source/devices.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const reasonToSkip = await whyNoVeth();

describe('listDevices', () => {
  it('tells what libpcap and the kernel know of a device', async (context) => {
    if (reasonToSkip) return context.skip(reasonToSkip);
    await using pair = await makeVethPair();
    const device = listDevices().find(({ name }) => name === pair.far);
    expect(device).toMatchObject({ up: true, running: true, loopback: false, state: 'up', mtu: 1500 });
    expect(device?.mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    expect(device?.addresses).toEqual([]);
  });

  it('leaves out what a device does not have', () => {
    const loopback = listDevices().find(({ name }) => name === 'lo');
    expect(loopback).toMatchObject({ loopback: true, connection: 'not applicable' });
    expect(loopback).not.toHaveProperty('mac');
    expect(loopback).not.toHaveProperty('speedMbps');
  });
});
