// The list of devices on real ones, and the guess at what a mistyped name was meant to be.

import { describe, expect, it } from 'vitest';
import { listDevices, similarDevices } from '../../src/source/devices.js';
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

describe('similarDevices', () => {
  const devices = ['eth0', 'eth1', 'wlan0', 'lo', 'any', 'enp3s0'];

  it.each([
    ['eth2', ['eth0', 'eth1']],
    ['eth', ['eth0', 'eth1']],
    ['ETH0', ['eth0', 'eth1']],
    ['wlan', ['wlan0']],
    ['wlna0', []],
    ['l0', ['lo']],
    ['enp3s0f1', ['enp3s0']],
    ['bond0', []],
  ])('takes %s for a mistyped %j', (name, expected) => {
    expect(similarDevices(name, devices)).toEqual(expected);
  });
});
