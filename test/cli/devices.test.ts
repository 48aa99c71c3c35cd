// `pkttap devices`: what there is to capture from and whether we may, as a table and as JSON; also where libpcap is not.

import { describe, expect, it } from 'vitest';
import { AS_NOBODY, whyNoNobody } from '../support/nobody.js';
import { installWithout } from '../support/partial-install.js';
import { makeTapFolder, type Running } from '../support/pkttap.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const noVeth = await whyNoVeth();
const noNobody = await whyNoNobody();

interface Device {
  readonly name: string;
  readonly linktype?: number;
  readonly refusal?: { readonly code: string };
}

async function printed({ ended }: Running): Promise<string> {
  const { status, stdout, stderr } = await ended;
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.toString();
}

async function json(running: Running): Promise<Device[]> {
  return JSON.parse(await printed(running));
}

describe('devices', () => {
  it('prints a table', async () => {
    const rows = (await printed(makeTapFolder().start(['devices']))).trimEnd().split('\n');
    expect(rows[0]).toMatch(/^NAME +STATE +OPEN +LINKTYPE +SPEED +MTU +DETAILS$/);
    expect(rows.find((row) => row.startsWith('lo '))).toMatch(/^lo +(up|down) +(yes|no|denied) +\S+ +- +\d+ +\S/);
    expect(rows.find((row) => row.startsWith('any '))).toMatch(/^any +up +(yes|denied) +\S+ +- +- +Pseudo-device/);
  });

  it('--json prints an array of all that libpcap, the kernel and opening tell', async (context) => {
    if (noVeth) return context.skip(noVeth);
    await using pair = await makeVethPair();
    const found = await json(makeTapFolder().start(['devices', '--json']));
    expect(found.find(({ name }) => name === pair.far)).toMatchObject({
      ...{ up: true, running: true, loopback: false, connection: 'connected', addresses: [] },
      ...{ state: 'up', carrier: true, mtu: 1500, mac: expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/) },
      ...{ flags: expect.arrayContaining(['up', 'noarp']), linktype: 1, timestampTypes: expect.any(Array) },
    });
    expect(found.find(({ name }) => name === 'lo')).toMatchObject({ loopback: true, addresses: expect.any(Array) });
    expect(found.find(({ name }) => name === 'any')).toMatchObject({ linktype: 276 });
  });

  it('says of a device that is down that it can not be opened, and what to do', async (context) => {
    if (noVeth) return context.skip(noVeth);
    await using pair = await makeVethPair();
    await pair.takeDown(pair.far);
    const folder = makeTapFolder();
    const down = (await json(folder.start(['devices', '--json']))).find(({ name }) => name === pair.far);
    expect(down).toMatchObject({
      state: 'down',
      refusal: { code: 'ERR_TAP_CAPTURE', message: expect.stringContaining(`ip link set ${pair.far} up`) },
    });
    expect(down).not.toHaveProperty('linktype');
    expect(await printed(folder.start(['devices']))).toMatch(new RegExp(`^${pair.far} +down +no +- `, 'm'));
  });

  it('tells a user without privileges what is there, and that it is not for them', async (context) => {
    if (noNobody) return context.skip(noNobody);
    const folder = makeTapFolder();
    const found = await json(folder.spawn('setpriv', [...AS_NOBODY, 'pkttap', 'devices', '--json']));
    expect(found.find(({ name }) => name === 'any')?.refusal?.code).toBe('ERR_TAP_PERMISSION');
    const text = await printed(folder.spawn('setpriv', [...AS_NOBODY, 'pkttap', 'devices']));
    expect(text).toMatch(/^any +up +denied +- /m);
  });

  it.each([
    ['of cap where our own module for libpcap is not', { modules: ['pcap'] }, true],
    ['of the kernel where no libpcap is', { modules: ['pcap'], packages: ['cap'] }, false],
  ] as const)('prints the list %s', async (_, missing, hasAny) => {
    const folder = makeTapFolder();
    const found = await json(folder.spawn(installWithout(missing), ['devices', '--json']));
    expect(found.find(({ name }) => name === 'lo')).toMatchObject({ loopback: true, connection: 'not applicable' });
    expect(found.some(({ name }) => name === 'any')).toBe(hasAny);
    expect(found.every(({ linktype, refusal }) => linktype === undefined && refusal === undefined)).toBe(true);
  });
});
