// The examples in TypeScript do what they say, on the demo capture, as tshark sees it.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileExamples, EXAMPLES, replayFor } from '../support/examples.js';
import { DEMO_PACKETS, DEMO_PCAPNG, makeTapFolder } from '../support/pkttap.js';
import { output } from '../support/run.js';

/** Flow hashes in the demo, the one of all that is not IP included; examples/c/count_flows.c says the same. */
const DEMO_FLOWS = 41;

let folder: string;
const names = readdirSync(EXAMPLES).flatMap((name) => (name.endsWith('.ts') ? [name.slice(0, -3)] : []));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pkttap-examples-'));
  expect(await compileExamples(names, folder)).toBe('');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What an example says of the demo. */
async function tryOut(name: string, ...args: readonly string[]): Promise<string> {
  const taps = makeTapFolder();
  await replayFor(taps);
  const { stdout, stderr, status } = await taps.spawn('node', [join(folder, `${name}.js`), 't', ...args]).ended;
  expect([stderr, status]).toEqual(['', 0]);
  return stdout.toString();
}

/** Fields of each packet that tshark shows, as lists; of several in a packet the first. */
async function tshark(filter: string, ...fields: readonly string[]): Promise<string[][]> {
  const args = fields.flatMap((field) => ['-e', field]);
  const all = await output('tshark', ['-r', DEMO_PCAPNG, '-Y', filter, '-T', 'fields', '-E', 'occurrence=f', ...args]);
  return all
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
}

describe('the example', () => {
  it('top-talkers adds up the bytes of each address', async () => {
    const said = await tryOut('top-talkers');
    const bytesOf = new Map<string, number>();
    for (const [ipv4, ipv6, bytes] of await tshark('ip or ipv6', 'ip.src', 'ipv6.src', 'frame.len')) {
      const address = ipv4 || ipv6!;
      bytesOf.set(address, (bytesOf.get(address) ?? 0) + Number(bytes));
    }
    const [count, ...talkers] = said.slice(said.lastIndexOf('---')).trimEnd().split('\n');
    expect(count).toBe(`--- ${bytesOf.size} addresses`);
    const largest = [...bytesOf].sort(([, one], [, other]) => other - one).slice(0, 10);
    expect(talkers.map((line) => line.trim())).toEqual(largest.map(([address, bytes]) => `${bytes} ${address}`));
  });

  it('dns-logger logs each query over UDP', async () => {
    const said = (await tryOut('dns-logger')).trimEnd().split('\n');
    const filter = 'dns.flags.response == 0 and udp.dstport == 53 and not icmp';
    const queries = await tshark(filter, 'ip.src', 'ipv6.src', 'dns.qry.name');
    expect(queries.length).toBeGreaterThan(5);
    expect(said.map((line) => line.split(' ').slice(1, 3))).toEqual(
      queries.map(([ipv4, ipv6, name]) => [ipv4 || ipv6, name]),
    );
    expect(said[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z 192\.0\.2\.10 www\.example\.com A$/);
  });

  it('save-on-trigger writes the packets that led to a reset connection, and the reset', async () => {
    const said = await tryOut('save-on-trigger', join(folder, 'reset'), '20');
    const target = join(folder, 'reset-1.pcapng');
    expect(said).toBe(`${target}: 20 packets\n`);
    const [[reset]] = (await tshark('tcp.flags.reset == 1', 'frame.number')) as [[string]];
    const last = Number(reset);
    const wanted = await tshark(
      `frame.number > ${last - 20} and frame.number <= ${last}`,
      'frame.time_epoch',
      'frame.len',
    );
    const fields = ['-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.len'];
    const saved = await output('tshark', ['-r', target, ...fields]);
    expect(saved.toString().trimEnd().split('\n')).toEqual(wanted.map((line) => line.join('\t')));
  });

  it('share-workers gives each flow to one thread', async () => {
    const taps = makeTapFolder();
    await replayFor(taps, 3);
    const { stdout, stderr, status } = await taps.spawn('node', [join(folder, 'share-workers.js'), 't', '3']).ended;
    expect([stderr, status]).toEqual(['', 0]);
    const counts = [...stdout.toString().matchAll(/^thread \d: (\d+) packets of (\d+) flows$/gm)];
    const sums = [1, 2].map((column) => counts.reduce((sum, row) => sum + Number(row[column]), 0));
    // As many flows as there are: none is in two threads.
    expect([counts.length, ...sums]).toEqual([3, DEMO_PACKETS, DEMO_FLOWS]);
  });

  it('publish-lines makes a packet of each line, as tshark sees it', async () => {
    const taps = makeTapFolder();
    const publisher = taps.spawn('node', [join(folder, 'publish-lines.js'), 'lines']);
    await taps.untilStats('lines', () => true);
    const attach = taps.start(['attach', 'lines', '-w', 'lines.pcapng']);
    publisher.stdin.end('one\nand another\n');
    expect((await publisher.ended).status).toBe(0);
    expect((await attach.ended).status).toBe(0);
    const checked = ['-o', 'ip.check_checksum:TRUE', '-T', 'fields', '-e', 'ip.checksum.status', '-e', 'syslog.msg'];
    const seen = await output('tshark', ['-r', taps.file('lines.pcapng'), ...checked]);
    expect(seen.toString()).toBe('1\tone\n1\tand another\n');
  });
});
