// pkttap devices: what there is to capture from.

import type { Command } from 'commander';
import { type DeviceInfo, listDevices } from '../source/devices.js';
import { print } from './output.js';
import { table } from './text.js';

const EXAMPLES = `
The likeliest come first. An interface that is down must be brought up before it
can be captured from. Listing needs no privilege.

Examples:
  pkttap devices
  pkttap devices --json | jq -r '.[] | select(.up) | .name'`;

export function configure(command: Command): void {
  command
    .description('List the devices that can be captured from.')
    .option('--json', 'as a JSON array, with all that is known of each')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run({ json }: { json?: true }): Promise<void> {
  const devices = listDevices();
  if (json) {
    await print(`${JSON.stringify(devices)}\n`);
    return;
  }
  const rows = devices.map((device) => {
    return [device.name, stateOf(device), device.mtu ?? '-', addressesOf(device), descriptionOf(device)];
  });
  await print(`${table([['NAME', 'STATE', 'MTU', 'ADDRESSES', 'DESCRIPTION'], ...rows])}\n`);
}

/** The kernel's word; for loopback, which says `unknown`, libpcap's. What is no interface can't be down. */
function stateOf({ state, up }: DeviceInfo): string {
  if (state !== undefined && state !== 'unknown') return state;
  if (up) return 'up';
  return state === undefined ? '-' : 'down';
}

function addressesOf({ addresses }: DeviceInfo): string {
  if (addresses.length === 0) return '-';
  return addresses.map(({ address, netmask }) => address + (netmask ? `/${prefixLength(netmask)}` : '')).join(' ');
}

/** `255.255.255.0` is 24, `ffff:ffff::` is 32. */
function prefixLength(netmask: string): number {
  const [base, groups] = netmask.includes(':') ? [16, netmask.split(':')] : [10, netmask.split('.')];
  const bits = groups.map((group) => Number.parseInt(group || '0', base).toString(2)).join('');
  return bits.replaceAll('0', '').length;
}

function descriptionOf({ description, loopback, wireless, speedMbps, mac }: DeviceInfo): string {
  const facts = [
    description,
    loopback && 'loopback',
    wireless && 'wireless',
    speedMbps && `${speedMbps} Mbps`,
    mac,
  ].filter(Boolean);
  return facts.join(', ');
}
