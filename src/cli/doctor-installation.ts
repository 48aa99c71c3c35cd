// What pkttap needs of its own installation: native modules, shared memory as it must be, a folder for sockets.

import { accessSync, closeSync, constants, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { tapDirectory } from '../control/address.js';
import { core, isNativeFailure } from '../native/core.js';
import { explain } from '../native/failure.js';
import { loadPcap } from '../native/pcap.js';
import type { Check, Finding } from './doctor-check.js';
import { sizeText } from './text.js';

const MIB = 1 << 20;
const BUILD = 'npm run build:native';

/** A ring's default size, for those who can't have as much. */
const CAPTURE_RING_BYTES = 64 * MIB;
const REPLAY_RING_BYTES = 4 * MIB;

export const installationChecks: readonly Check[] = [
  {
    subject: 'native core',
    commands: ['capture', 'replay', 'attach', 'analyze', 'list', 'stats'],
    look: () => loading(() => void core(), `apt-get install g++ make python3 && ${BUILD}`),
  },
  {
    subject: 'native pcap',
    commands: ['capture', 'devices', 'replay with a filter'],
    look: () => loading(() => loadPcap().version(), `apt-get install libpcap-dev && ${BUILD}`),
  },
  { subject: 'zstd', commands: ['replay of .zst'], look: () => lookAtDecoder('zstd', 'apt-get install libzstd1') },
  { subject: 'lz4', commands: ['replay of .lz4'], look: () => lookAtDecoder('lz4', 'apt-get install liblz4-1') },
  { subject: 'ring of 64 MiB', commands: ['capture'], look: () => lookAtRing(CAPTURE_RING_BYTES) },
  { subject: 'ring of 4 MiB', commands: ['replay'], look: () => lookAtRing(REPLAY_RING_BYTES) },
  { subject: 'folder of taps', commands: ['capture', 'replay'], look: lookAtDirectory },
];

function loading(load: () => string | undefined, remedy: string): Finding {
  try {
    return { found: load() ?? 'loads' };
  } catch (error) {
    // The loader's own words: a module that isn't there and one built for another Node need different looks.
    const { cause } = error as Error;
    const why = cause instanceof Error ? cause.message.split('\n')[0]! : String(error);
    return { found: `does not load: ${why}`, remedy };
  }
}

function lookAtDecoder(compression: 'zstd' | 'lz4', remedy: string): Finding {
  const missing = core().missingDecoder(compression);
  return missing === undefined ? { found: 'can be unpacked' } : { found: missing, remedy };
}

/** Makes a ring and maps it as a consumer does, which checks its seals. */
function lookAtRing(bytes: number): Finding {
  try {
    makeAndMapRing(bytes);
    return { found: 'can be made, sealed and mapped' };
  } catch (error) {
    if (!isNativeFailure(error)) return { found: 'the native core does not load', remedy: 'as for the native core' };
    const { message } = explain(error, 'ERR_TAP_SYSTEM', 'no shared memory') as Error;
    const smaller = bytes > MIB ? `, or --ring-size ${sizeText(bytes / 4).replace(/ MiB/, 'M')}` : '';
    return { found: message, remedy: `free memory or raise the container's limit${smaller}; needs Linux 5.1 or newer` };
  }
}

function makeAndMapRing(bytes: number): void {
  const native = core();
  const nobody = openSync('/dev/null', 'w');
  const ring = native.createRing(bytes, 1000, 0n, 0n);
  try {
    const { ringFd, cursorFd } = native.ringAttach(ring, nobody, { oldest: false, lossless: false }).lanes[0]!;
    try {
      native.mapRing(ringFd).unmap();
    } finally {
      for (const fd of [ringFd, cursorFd]) native.closeFd(fd);
    }
  } finally {
    native.releaseRing(ring);
    closeSync(nobody);
  }
}

function lookAtDirectory(): Finding {
  const remedy = 'export PKTTAP_DIR=… (a folder of yours), for the tap and for its consumers';
  let directory: string;
  try {
    directory = tapDirectory();
  } catch {
    return { found: 'neither PKTTAP_DIR nor XDG_RUNTIME_DIR is set', remedy };
  }
  const exists = existsSync(directory);
  const found = `${directory}${exists ? '' : ' (will be made)'}`;
  return isWritable(nearestExisting(directory)) ? { found } : { found: `${directory}: not writable`, remedy };
}

function nearestExisting(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestExisting(dirname(path));
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
