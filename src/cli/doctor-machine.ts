// What pkttap needs of the machine and of whoever runs it: Node, Linux, a capability, descriptors.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { findUser } from '../tap/identity.js';
import { capabilityMask } from './capabilities.js';
import type { Check, Finding } from './doctor-check.js';
import { readManifest } from './manifest.js';
import { heldBy } from './process-status.js';

/** A tap holds two descriptors for each consumer; fewer than this leave no room for a few dozen of them. */
const MIN_DESCRIPTORS = 256;

export const machineChecks: readonly Check[] = [
  { subject: 'Node', commands: ['all'], look: lookAtNode },
  { subject: 'Linux', commands: ['all'], look: lookAtKernel },
  { subject: 'CAP_NET_RAW', commands: ['capture'], look: lookAtCapability },
  { subject: 'user pkttap', commands: ['capture'], look: lookAtUser },
  { subject: 'descriptors', commands: ['capture', 'replay'], look: lookAtDescriptors },
  { subject: 'getent', commands: ['capture', 'replay'], look: lookAtGetent },
];

function lookAtNode(): Finding {
  const needed = readManifest().engines.node;
  const [major, minor] = numbersOf(process.versions.node);
  const [neededMajor, neededMinor] = numbersOf(needed);
  const enough = major! > neededMajor! || (major === neededMajor && minor! >= neededMinor!);
  const found = `${process.version} (needed: ${needed})`;
  return enough ? { found } : { found, remedy: `install Node ${needed}: https://nodejs.org/en/download` };
}

function numbersOf(version: string): number[] {
  return version.replace(/^\D*/, '').split('.').map(Number);
}

function lookAtKernel(): Finding {
  const found = `${process.platform} ${release()} ${process.arch}`;
  return process.platform === 'linux' ? { found } : { found, remedy: 'run it on Linux, or in a Linux container' };
}

function lookAtCapability(): Finding {
  const wanted = capabilityMask('net_raw');
  if (heldBy('self').every(({ effective }) => effective & wanted)) return { found: 'effective for this process' };
  return { found: 'not effective for this process', remedy: capabilityRemedy() };
}

/** Root without it is in a container. Others may get this one capability and stay who they are. */
function capabilityRemedy(): string {
  if (process.geteuid?.() === 0) return 'docker run --cap-add NET_RAW …';
  const asMe = `--reuid ${process.getuid?.()} --regid ${process.getgid?.()} --init-groups`;
  return `sudo pkttap capture …, or: sudo setpriv ${asMe} --inh-caps +net_raw --ambient-caps +net_raw pkttap capture …`;
}

/** Not lacking: without it a capture of root's stays root, with nothing in hand. */
function lookAtUser(): Finding {
  const user = findUser('pkttap');
  if (user !== undefined) return { found: `uid ${user.uid}: root's captures become it` };
  return { found: "none: root's captures stay root, without capabilities; useradd --system pkttap" };
}

function lookAtDescriptors(): Finding {
  const limit = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '0';
  const found = `${limit} may be open`;
  const enough = limit === 'unlimited' || Number(limit) >= MIN_DESCRIPTORS;
  return enough ? { found } : { found, remedy: 'ulimit -n 4096, or docker run --ulimit nofile=4096 …' };
}

function lookAtGetent(): Finding {
  try {
    execFileSync('getent', ['passwd', '0'], { stdio: 'ignore' });
    return { found: 'resolves names of users and groups' };
  } catch {
    const remedy = 'apt-get install libc-bin, or give --group and --allow-user numbers';
    return { found: 'not there: names of users and groups are unknown', remedy };
  }
}
