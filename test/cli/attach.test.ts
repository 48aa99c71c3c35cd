// `pkttap attach` as lines: which packets, how many, with which time; and where a consumer begins.

import { describe, expect, it } from 'vitest';
import { DEMO_PACKETS, DEMO_PCAP, DEMO_PCAPNG, makeTapFolder } from '../support/pkttap.js';
import { output } from '../support/run.js';

/** Lines of an attach to a replay of the whole demonstration. */
async function attachLines(...args: readonly string[]): Promise<string[]> {
  const folder = makeTapFolder();
  folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAPNG]);
  const { status, stdout, stderr } = await folder.run(['attach', 'replay', '--wait', ...args]);
  expect(stderr).toMatch(/^\d+ packets? received, 0 missed(, \d+ not read)?\n$/);
  expect(status).toBe(0);
  return stdout.toString().split('\n').slice(0, -1);
}

describe('attach', () => {
  it('prints a line for each packet with the time of day, as tcpdump does', async () => {
    const times = (await attachLines()).map((line) => line.split(' ')[0]);
    const tcpdump = (await output('tcpdump', ['-nr', DEMO_PCAPNG], { env: { TZ: 'UTC' } })).toString();
    expect(times).toEqual(tcpdump.match(/^\S+(?= )/gm));
    expect(times).toHaveLength(DEMO_PACKETS);
  });

  it('-t prints no times', async () => {
    expect(await attachLines('-t')).toEqual((await attachLines()).map((line) => line.slice(line.indexOf(' ') + 1)));
  });

  it('-tt prints seconds since 1970', async () => {
    const times = (await attachLines('-tt')).map((line) => line.split(' ')[0]);
    const tcpdump = (await output('tcpdump', ['-nttr', DEMO_PCAPNG])).toString();
    expect(times).toEqual(tcpdump.match(/^\d\S+/gm));
  });

  it('--nano prints times with nanoseconds', async () => {
    const times = (await attachLines('-tt', '--nano')).map((line) => line.split(' ')[0]);
    const tcpdump = await output('tcpdump', ['-nttr', DEMO_PCAPNG, '--time-stamp-precision=nano']);
    expect(times).toEqual(tcpdump.toString().match(/^\d\S+/gm));
  });

  it('-c stops after that many packets, and tells how many there were more', async () => {
    const folder = makeTapFolder();
    folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAPNG]);
    const { status, stdout, stderr } = await folder.run(['attach', 'replay', '--wait', '-c', '5']);
    expect(stdout.toString().split('\n')).toHaveLength(6);
    expect(stderr).toMatch(/^5 packets received, 0 missed(, \d+ not read)?\n$/);
    expect(status).toBe(0);
  });

  it('prints those packets that a filter and the options choose, and tells what they left out', async () => {
    const folder = makeTapFolder();
    folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAP]);
    const options = ['-i', '0', '-s', '60', '--sample', '2', '--on-slow', 'drop', '--busy-poll', '10', '-tt'];
    const { status, stdout, stderr } = await folder.run([
      'attach',
      'replay',
      '--wait',
      ...options,
      'udp',
      'port',
      '53',
    ]);
    const all = (await output('tcpdump', ['-nttr', DEMO_PCAP, 'udp', 'port', '53'])).toString().match(/^\d\S+/gm)!;
    const expected = all.filter((_, i) => i % 2 === 1);
    expect(stdout.toString().match(/^\d\S+/gm)).toEqual(expected);
    expect(stderr).toContain(
      `${expected.length} packets received, 0 missed, ${DEMO_PACKETS - expected.length} filtered`,
    );
    expect(status).toBe(0);
  });

  it('refuses a filter that the tap does not compile', async () => {
    const folder = makeTapFolder();
    folder.start(['replay', '-t', '--wait-for', '2', DEMO_PCAP]);
    const { status, stderr } = await folder.run(['attach', 'replay', '--wait', 'host', 'example.com']);
    expect(stderr).toMatch(/ERR_TAP_BAD_FILTER|looks up no names for consumers: "example\.com"/);
    expect(status).toBe(1);
  });

  it('-c 0 does not stop', async () => {
    expect(await attachLines('-c', '0')).toHaveLength(DEMO_PACKETS);
  });

  it('takes the path of a socket for a name', async () => {
    const folder = makeTapFolder();
    folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAP]);
    const env = { PKTTAP_DIR: '/nonexistent' };
    const { status, stdout } = await folder.run(['attach', '--wait', `${folder.taps}/replay.sock`], { env });
    expect(stdout.toString().split('\n')).toHaveLength(DEMO_PACKETS + 1);
    expect(status).toBe(0);
  });

  it('--wait waits for the tap to come', async () => {
    const folder = makeTapFolder();
    const attach = folder.start(['attach', 'replay', '--wait', '--name', 'early']);
    const replay = folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAP]);
    expect((await attach.ended).stdout.toString().split('\n')).toHaveLength(DEMO_PACKETS + 1);
    const { stderr } = await replay.ended;
    expect(stderr).toContain('consumer early: ');
  });

  it('--oldest begins with the oldest packet in the ring, and without it the next one comes first', async () => {
    const folder = makeTapFolder();
    // Standard input that stays open keeps the tap running when all packets are published.
    const replay = folder.start(['replay', '-t', '-'], {});
    replay.stdin.write(await output('cat', [DEMO_PCAP]));
    await folder.untilStats('replay', ({ published }) => published === DEMO_PACKETS);
    const late = folder.start(['attach', 'replay', '--name', 'late']);
    const oldest = folder.start(['attach', 'replay', '--oldest', '--name', 'oldest']);
    await folder.untilStats('replay', ({ consumers }) => consumers.length === 2);
    replay.stdin.end();
    expect((await oldest.ended).stdout.toString().split('\n')).toHaveLength(DEMO_PACKETS + 1);
    expect((await late.ended).stdout.toString()).toBe('');
    expect((await replay.ended).status).toBe(0);
  });

  it('--on-slow says what the tap is to do', async () => {
    const folder = makeTapFolder();
    folder.start(['replay', '--wait-for', '4', DEMO_PCAP]);
    folder.start(['attach', 'replay', '--wait', '--name', 'a', '--on-slow', 'wait']);
    folder.start(['attach', 'replay', '--wait', '--name', 'b', '--on-slow', 'drop']);
    folder.start(['attach', 'replay', '--wait', '--name', 'c']);
    const { consumers } = await folder.untilStats('replay', (stats) => stats.consumers.length === 3);
    const policies = Object.fromEntries(consumers.map(({ name, policy }) => [name, policy]));
    expect(policies).toEqual({ a: 'lossless', b: 'lossy', c: 'lossless' });
  });

  it('--on-slow wait is refused by a tap that waits for nobody', async () => {
    const folder = makeTapFolder();
    folder.start(['replay', '--wait-for', '1', '--on-slow', 'drop', DEMO_PCAP]);
    const { status, stderr } = await folder.run(['attach', 'replay', '--wait', '--on-slow', 'wait']);
    const remedy = 'start it with --on-slow wait, or attach with --on-slow drop';
    expect(stderr).toContain(`this tap waits for no consumer: ${remedy}`);
    expect(status).toBe(1);
  });

  it('-q prints packets and nothing else', async () => {
    const folder = makeTapFolder();
    folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAP]);
    const { stdout, stderr } = await folder.run(['attach', '-q', 'replay', '--wait']);
    expect(stdout.toString().split('\n')).toHaveLength(DEMO_PACKETS + 1);
    expect(stderr).toBe('');
  });

  it('of several consumers gives each all packets', async () => {
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '-t', '--wait-for', '3', DEMO_PCAP]);
    const attach = () => folder.run(['attach', '-q', 'replay', '--wait']);
    const [first, ...others] = await Promise.all([attach(), attach(), attach()]);
    expect(first!.stdout.toString().split('\n')).toHaveLength(DEMO_PACKETS + 1);
    for (const other of others) expect(other.stdout.equals(first!.stdout)).toBe(true);
    expect((await replay.ended).stderr.match(/^consumer attach:\d+: /gm)).toHaveLength(3);
  });
});
