// What can't be captured is refused at once, by an error that names it and says what to do.

import { readdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TapError } from '../../src/errors.js';
import { type LiveOptions, openLive } from '../../src/source/live.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const reasonToSkip = await whyNoVeth();
beforeEach((context) => {
  if (reasonToSkip) context.skip(reasonToSkip);
});

describe('opening a live capture', () => {
  const failure = (devices: readonly string[], options?: LiveOptions): TapError => {
    try {
      openLive(devices, options).close();
    } catch (error) {
      return error as TapError;
    }
    throw new Error('it could be opened');
  };

  it('refuses a device that is not there, and names one that is meant perhaps', async () => {
    await using pair = await makeVethPair();
    const error = failure([`${pair.near.slice(0, -1)}x`]);
    expect(error).toMatchObject({
      name: 'CaptureError',
      code: 'ERR_TAP_NO_DEVICE',
      device: `${pair.near.slice(0, -1)}x`,
    });
    expect(error.message).toContain(pair.near);
    expect(failure(['qqqqqqqq']).message).toContain('pkttap devices');
    expect(failure(['a-name-that-is-too-long-for-a-device']).code).toBe('ERR_TAP_NO_DEVICE');
    expect(failure(['']).code).toBe('ERR_TAP_NO_DEVICE');
    expect(failure(['lo\0x']).code).toBe('ERR_TAP_NO_DEVICE');
  });

  it('refuses whoever may not capture, and says what to do', () => {
    // What is loaded at first use may be where others can't read it.
    openLive(['lo']).close();
    process.seteuid!(65_534);
    try {
      const error = failure(['lo']);
      expect(error).toMatchObject({ name: 'CaptureError', code: 'ERR_TAP_PERMISSION', device: 'lo' });
      expect(error.message).toContain('CAP_NET_RAW');
    } finally {
      process.seteuid!(0);
    }
  });

  it("refuses a filter that does not compile, in libpcap's words", () => {
    const error = failure(['lo'], { filter: 'udp port nonsense' });
    expect(error).toMatchObject({ name: 'CaptureError', code: 'ERR_TAP_BAD_FILTER', device: 'lo' });
    expect(error.message).toContain('"udp port nonsense"');
    expect(error.message).toContain("unknown port 'nonsense'");
  });

  it('refuses a device that is down, and says how to bring it up', async () => {
    await using pair = await makeVethPair();
    await pair.takeDown(pair.far);
    const error = failure([pair.far]);
    expect(error).toMatchObject({ name: 'CaptureError', code: 'ERR_TAP_CAPTURE', device: pair.far });
    expect(error.message).toContain(`ip link set ${pair.far} up`);
  });

  it('refuses timestamps that the device can not make', () => {
    expect(failure(['lo'], { timestampType: 'sundial' })).toMatchObject({ code: 'ERR_TAP_CAPTURE', device: 'lo' });
  });

  it('leaves no device open when one of several can not be opened', () => {
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const before = descriptors();
    expect(failure(['lo', 'qqqqqqqq']).code).toBe('ERR_TAP_NO_DEVICE');
    expect(descriptors()).toBe(before);
  });

  it.each<[string, readonly string[], LiveOptions]>([
    ['no device', [], {}],
    ['a device twice', ['lo', 'lo'], {}],
    ['a negative snaplen', ['lo'], { snaplen: -1 }],
    ['a snaplen that no record can hold', ['lo'], { snaplen: 262_145 }],
    ['a fraction of a packet', ['lo'], { limit: 0.5 }],
    ['no buffer', ['lo'], { bufferBytes: 0 }],
    ['a timeout of 0, which libpcap leaves undefined', ['lo'], { timeoutMs: 0 }],
  ])('refuses %s before libpcap sees it', (_, devices, options) => {
    expect(() => openLive(devices, options)).toThrow(RangeError);
  });
});
