// Buffers whose letters have one case only: fingerprints, serial numbers, hosts. What a rule looks for in them is brought
// into the same form, as Suricata does; a host in capitals, which it refuses, is refused here, too.

import { lowerCase } from './keywords/content.js';
import { RuleProblem } from './problem.js';
import type { Chain, ContentStep } from './steps.js';

const LOWER = /^(?:ja3s?\.hash|ssh\.hassh(?:\.server)?|tls\.cert_fingerprint|quic\.cyu\.hash)$/;
const SERIAL = 'tls.cert_serial';
const HOST = 'http.host';

/** Changes the contents of these chains. Throws a RuleProblem. */
export function fitLetters(chains: readonly Chain[]): void {
  for (const { buffer, transforms, steps } of chains) {
    if (transforms.length > 0) continue;
    for (const step of steps) if (step.kind === 'content') adapt(buffer, step);
  }
}

function adapt(buffer: string, step: ContentStep): void {
  if (LOWER.test(buffer)) change(step, step.bytes.map(lowerCase));
  if (buffer === SERIAL) change(step, step.bytes.map(upperCase));
  if (buffer === HOST && step.bytes.some((byte) => lowerCase(byte) !== byte))
    throw new RuleProblem('http.host is in lower case: what is looked for must be, too, or use http.host.raw');
}

function upperCase(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte & ~0x20 : byte;
}

function change(step: { -readonly [K in keyof ContentStep]: ContentStep[K] }, bytes: Uint8Array): void {
  step.bytes = bytes;
  step.nocase = false;
}
