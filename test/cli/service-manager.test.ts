// What systemd gives to a tap and hears from it, with real sockets: its own tool for socket activation, and an ear for what
// services say.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tapStats } from '../../src/consumer/observe.js';
import { DEMO_PACKETS, DEMO_PCAP, makeTapFolder, type Running, type TapFolder } from '../support/pkttap.js';
import { connectRaw, HELLO } from '../support/raw-peer.js';
import { run } from '../support/run.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const EAR = join(import.meta.dirname, '../programs/hear-notifications.py');

const noVeth = await whyNoVeth();
const noActivation = await run('systemd-socket-activate', ['--version']).then(
  () => undefined,
  () => 'needs systemd-socket-activate',
);

async function startEar(folder: TapFolder, address: string): Promise<Running> {
  const ear = folder.spawn('python3', [EAR, address]);
  await ear.printed('listening\n');
  return ear;
}

function heard({ stdout }: Running): string[] {
  return stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line));
}

describe('a tap under systemd', () => {
  it('accepts consumers on the socket that it is given, and leaves it there', async (context) => {
    if (noActivation) return context.skip(noActivation);
    const folder = makeTapFolder();
    const path = folder.file('given.sock');
    const replay = ['pkttap', 'replay', '-t', '--wait-for', '1', DEMO_PCAP];
    const environment = ['PATH', 'PKTTAP_DIR'].flatMap((name) => ['-E', name]);
    const manager = folder.spawn('systemd-socket-activate', [...environment, '--seqpacket', '-l', path, ...replay]);
    await manager.said(/Listening on/);
    // Who comes first starts the tap, however long that takes.
    const first = connectRaw(path);
    first.say({ ...HELLO, role: 'observer' });
    expect((await first.hear())?.message).toMatchObject({ type: 'welcome' });
    const { status, stdout, stderr } = await folder.run(['attach', path]);
    expect(status, stderr).toBe(0);
    expect(stdout.toString().trimEnd().split('\n')).toHaveLength(DEMO_PACKETS);
    expect((await manager.ended).status).toBe(0);
    expect(existsSync(path)).toBe(true);
    expect(existsSync(folder.taps)).toBe(false);
  });

  for (const address of [undefined, `@pkttap-test-${process.pid}`]) {
    it(`says when it is ready, alive and stopping, ${address ? 'by an abstract name' : 'by a path'}`, async () => {
      const folder = makeTapFolder();
      const to = address ?? folder.file('notify');
      const ear = await startEar(folder, to);
      const env = { NOTIFY_SOCKET: to, WATCHDOG_USEC: '1000000' };
      const replay = folder.start(['replay', '--wait-for', '1', DEMO_PCAP], { env });
      await ear.printed(/WATCHDOG=1.*\n.*WATCHDOG=1.*\n/);
      expect((await tapStats('replay', { directory: folder.taps })).state).toBe('waiting');
      replay.signal('SIGTERM');
      await ear.printed('STOPPING=1');
      expect((await replay.ended).status).toBe(0);
      const [first, ...others] = heard(ear);
      expect(first).toBe(`READY=1\nSTATUS=tap replay: ${DEMO_PCAP}`);
      expect(new Set(others)).toEqual(new Set(['WATCHDOG=1', 'STOPPING=1']));
      expect(others.at(-1)).toBe('STOPPING=1');
    });
  }

  it('keeps what was meant for it from its children', async (context) => {
    if (noVeth) return context.skip(noVeth);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const notify = folder.file('notify');
    const ear = await startEar(folder, notify);
    const env = { NOTIFY_SOCKET: notify, WATCHDOG_USEC: '60000000', LISTEN_PID: '1', LISTEN_FDS: '1' };
    const capture = folder.start(['capture', pair.far, '--tap', 'v', '-w', 'out.pcapng'], { env });
    await ear.printed('READY=1');
    const { consumers } = await tapStats('v', { directory: folder.taps });
    const inherited = readFileSync(`/proc/${consumers[0]!.pid}/environ`, 'latin1').split('\0');
    expect(inherited.filter((variable) => /^(NOTIFY|WATCHDOG|LISTEN)_/.test(variable))).toEqual([]);
    expect(inherited).toContain(`PKTTAP_DIR=${folder.taps}`);
    capture.signal('SIGTERM');
    expect((await capture.ended).status).toBe(0);
  });

  it.each([
    {
      what: 'a descriptor that is no such socket',
      count: 1,
      says: /can't accept consumers on descriptor 3; .*ListenSequentialPacket=/,
    },
    { what: 'more than one socket', count: 2, says: /a tap listens on one socket: LISTEN_FDS=2/ },
  ])('refuses $what', async ({ count, says }) => {
    const folder = makeTapFolder();
    const script = `LISTEN_PID=$$ LISTEN_FDS=${count} exec pkttap replay ${DEMO_PCAP} 3</dev/null`;
    const { status, stderr } = await folder.spawn('sh', ['-c', script]).ended;
    expect(stderr).toMatch(says);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(status).toBe(1);
  });

  it('fails where nobody hears that it is ready', async () => {
    const folder = makeTapFolder();
    const env = { NOTIFY_SOCKET: folder.file('nobody') };
    const { status, stderr } = await folder.run(['replay', '-q', DEMO_PCAP], { env });
    expect(stderr).toMatch(/^pkttap: can't tell the service manager: NOTIFY_SOCKET=.*: sendto ENOENT\n$/);
    expect(status).toBe(1);
  });
});
