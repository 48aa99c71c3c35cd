// The guess at what a mistyped name was meant to be.

import { describe, expect, it } from 'vitest';
import { similarDevices } from '../../src/source/similar-devices.js';

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
