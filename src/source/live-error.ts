// What libpcap reports, as errors that name the device and say what to do.

import { CaptureError } from '../errors.js';
import type { NativeCaptureEnd, NativeOpenFailure } from '../native/pcap.js';
import { listDevices } from './devices.js';
import { badFilterMessage } from './filter.js';
import type { SourceEnd } from './packet-source.js';
import { similarDevices } from './similar-devices.js';

/** NativeOpenFailure.failure, by number. */
const FAILURES = [
  'other',
  'no-device',
  'permission',
  'bad-filter',
  'down',
  'no-monitor-mode',
  'linktype',
  'timestamp-type',
] as const;

/** A failure like the native ones, for an engine that tells only words. */
export function deviceFailure({
  kind,
  device,
  detail,
}: {
  readonly kind: (typeof FAILURES)[number];
  readonly device: string;
  readonly detail: string;
}): NativeOpenFailure {
  return Object.assign(new Error(detail), { failure: FAILURES.indexOf(kind), pcapStatus: -1, device, detail });
}

/** Why a device could not be opened, by who wanted to capture from it or to send to it. */
export function openError(
  cause: NativeOpenFailure,
  { filter = '', purpose = 'capture' }: { filter?: string; purpose?: 'capture' | 'send' },
): CaptureError {
  const { device, detail } = cause;
  const facts = { device, cause };
  switch (FAILURES[cause.failure]) {
    case 'no-device':
      return new CaptureError('ERR_TAP_NO_DEVICE', `no such device: device=${device}: ${hintFor(device)}`, facts);
    case 'permission':
      return new CaptureError(
        'ERR_TAP_PERMISSION',
        `no permission to ${purpose}: device=${device}: needs CAP_NET_RAW: run as root, or docker run --cap-add NET_RAW`,
        facts,
      );
    case 'bad-filter':
      return new CaptureError('ERR_TAP_BAD_FILTER', `${badFilterMessage(filter, detail)} device=${device}`, facts);
    case 'down':
      return new CaptureError(
        'ERR_TAP_CAPTURE',
        `the device is down: device=${device}: bring it up with \`ip link set ${device} up\``,
        facts,
      );
    case 'no-monitor-mode':
      return new CaptureError(
        'ERR_TAP_CAPTURE',
        `the device has no monitor mode: device=${device}: only Wi-Fi has, by drivers that offer it; capture without`,
        facts,
      );
    case 'linktype':
      return new CaptureError(
        'ERR_TAP_CAPTURE',
        `can't capture with this link type: device=${device}: ${detail}: \`pkttap capture ${device} -L\` lists those it has`,
        facts,
      );
    case 'timestamp-type':
      return new CaptureError(
        'ERR_TAP_CAPTURE',
        `can't capture with these timestamps: device=${device}: ${detail}: \`pkttap capture ${device} -J\` lists those it has`,
        facts,
      );
    default:
      return new CaptureError(
        purpose === 'capture' ? 'ERR_TAP_CAPTURE' : 'ERR_TAP_INJECT',
        `can't ${purpose}: device=${device}: ${detail}`,
        facts,
      );
  }
}

/** How a capture ended, for a tap. */
export function captureEndOf(end: NativeCaptureEnd): SourceEnd {
  const { outcome, device, detail } = end;
  if (outcome === 0) return { reason: 'stopped' };
  if (outcome === 1) return { reason: 'finished' };
  const error =
    outcome === 2
      ? new CaptureError('ERR_TAP_DEVICE_GONE', `the device went away while it was captured from: device=${device}`, {
          device,
        })
      : new CaptureError('ERR_TAP_CAPTURE', `the capture failed: device=${device}: ${detail}`, { device });
  return { reason: 'failed', error };
}

function hintFor(device: string): string {
  const near = similarDevices(device, knownDevices());
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : '`pkttap devices` lists those there are';
}

/** Names for the hint alone: where they can't be had, the error that it belongs to is still the one to report. */
function knownDevices(): string[] {
  try {
    return listDevices().map(({ name }) => name);
  } catch {
    return [];
  }
}
