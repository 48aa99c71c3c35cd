// pkttap devices: what there is to capture from, and whether this user may.

import type { Command } from 'commander';
import { linktypeName } from '../packet/linktype.js';
import { type DeviceProbe, probeDevice } from '../source/device-probe.js';
import { type DeviceInfo, listDevices } from '../source/devices.js';
import { print } from './output.js';
import { table, wrap } from './text.js';

type Device = DeviceInfo & DeviceProbe;

const HEADING = ['NAME', 'STATE', 'OPEN', 'LINKTYPE', 'SPEED', 'MTU'];

/** Of a terminal that nobody made larger. */
const TABLE_WIDTH = 80;
const LEAST_DETAILS_WIDTH = 24;
const GAP = 2;

const EXAMPLES = `
The likeliest come first. OPEN tells whether this user may capture from it: "no"
of one that is down, "denied" without CAP_NET_RAW, and "-" of what is no network
interface and was not tried. Listing needs no privilege.

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
  const devices = listDevices().map((device) => ({ ...device, ...probeDevice(device.name) }));
  await print(json ? `${JSON.stringify(devices)}\n` : `${tableOf(devices)}\n`);
}

/** The details take what is left of a line, and more lines where that isn't enough. */
function tableOf(devices: readonly Device[]): string {
  const facts = [HEADING, ...devices.map(cellsOf)];
  const used = Math.max(
    ...table(facts)
      .split('\n')
      .map(({ length }) => length),
  );
  const width = Math.max(TABLE_WIDTH - used - GAP, LEAST_DETAILS_WIDTH);
  const rows = devices.flatMap((device) => {
    const [first = '', ...more] = wrap(detailsOf(device), width);
    return [[...cellsOf(device), first], ...more.map((line) => [...HEADING.map(() => ''), line])];
  });
  return table([[...HEADING, 'DETAILS'], ...rows]);
}

function cellsOf(device: Device): (string | number)[] {
  const { name, linktype, speedMbps, mtu } = device;
  const linktypeText = linktype === undefined ? '-' : linktypeName(linktype);
  return [name, stateOf(device), openOf(device), linktypeText, speedMbps ? `${speedMbps}M` : '-', mtu ?? '-'];
}

/** The kernel's word; for loopback, which says `unknown`, libpcap's. What is no interface can't be down. */
function stateOf({ state, up }: Device): string {
  if (state !== undefined && state !== 'unknown') return state;
  if (up) return 'up';
  return state === undefined ? '-' : 'down';
}

function openOf({ linktype, refusal }: Device): string {
  if (refusal !== undefined) return refusal.code === 'ERR_TAP_PERMISSION' ? 'denied' : 'no';
  return linktype === undefined ? '-' : 'yes';
}

function detailsOf({ addresses, description, loopback, wireless, carrier, mac, driver }: Device): string[] {
  const facts = [
    ...addresses.map(({ address, netmask }) => address + (netmask ? `/${prefixLength(netmask)}` : '')),
    description,
    loopback && 'loopback',
    wireless && 'wireless',
    carrier === false && 'no carrier',
    mac,
    driver,
  ];
  return facts.filter((fact) => typeof fact === 'string').flatMap((fact) => fact.split(' '));
}

/** `255.255.255.0` is 24, `ffff:ffff::` is 32. */
function prefixLength(netmask: string): number {
  const [base, groups] = netmask.includes(':') ? [16, netmask.split(':')] : [10, netmask.split('.')];
  const bits = groups.map((group) => Number.parseInt(group || '0', base).toString(2)).join('');
  return bits.replaceAll('0', '').length;
}
