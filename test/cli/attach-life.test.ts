// `pkttap attach --share` and `--reconnect`: the flows are divided, and a tap that comes back is followed.

import { describe, expect, it } from 'vitest';
import { DEMO_PACKETS, DEMO_PCAPNG, makeTapFolder } from '../support/pkttap.js';

describe('attach --share', () => {
  it.each([
    ['fixed parts', ['1/3', '2/3', '3/3']],
    ['a group', ['ids', 'ids', 'ids']],
  ])('divides the packets by %s', async (_, shares) => {
    const folder = makeTapFolder();
    folder.start(['replay', '-t', '--wait-for', '3', DEMO_PCAPNG]);
    const runs = await Promise.all(shares.map((share) => folder.run(['attach', 'replay', '--wait', '--share', share])));
    expect(runs.map(({ status }) => status)).toEqual([0, 0, 0]);
    const lines = runs.map(({ stdout }) => stdout.toString().split('\n').length - 1);
    expect(lines.reduce((sum, each) => sum + each)).toBe(DEMO_PACKETS);
    expect(Math.max(...lines)).toBeLessThan(DEMO_PACKETS);
  });

  it.each(['attach', 'analyze'])('a member that a signal ends reads what was its own first: %s', async (command) => {
    const folder = makeTapFolder();
    folder.start(['replay', '-p', '20000', '-l', '0', '--wait-for', '2', DEMO_PCAPNG]);
    const [stays, leaves] = ['stays', 'leaves'].map((name) => {
      const output = folder.file(`${name}.${command}`);
      return folder.start([command, 'replay', '--wait', '--share', 'ids', '--name', name, '-w', output]);
    });
    await folder.untilStats('replay', ({ consumers }) => {
      return consumers.length === 2 && consumers.every(({ delivered }) => delivered > 0);
    });
    leaves!.signal('SIGTERM');
    expect((await leaves!.ended).status).toBe(0);
    const { handedOver, handOverUnknown } = await folder.untilStats(
      'replay',
      ({ consumers }) => consumers.length === 1,
    );
    expect([handedOver, handOverUnknown]).toEqual([0, 0]);
    stays!.signal('SIGTERM');
    expect((await stays!.ended).status).toBe(0);
  });

  it.each(['0/2', '3/2', '1/0', 'a/b', '1/99999999', ''])('refuses %j', async (share) => {
    const { status, stderr } = await makeTapFolder().run(['attach', 'replay', '--share', share]);
    expect(stderr).toContain("a share such as 2/4 is expected, or a group's name");
    expect(status).toBe(2);
  });
});

describe('attach --reconnect', () => {
  it('goes on with the tap that comes after one that was killed, and tells the gap', async () => {
    const folder = makeTapFolder();
    const killed = folder.start(['replay', '-t', '--wait-for', '9', DEMO_PCAPNG]);
    const attached = folder.start(['attach', 'replay', '--wait', '--reconnect', '--fail-on-drop']);
    await folder.untilStats('replay', ({ consumers }) => consumers.length === 1);
    killed.signal('SIGKILL');
    await killed.ended;
    folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAPNG]);
    const { status, stdout, stderr } = await attached.ended;
    expect(stdout.toString().split('\n')).toHaveLength(DEMO_PACKETS + 1);
    expect(stderr).toContain(`${DEMO_PACKETS} packets received, 0 missed, 1 gap of unknown size`);
    expect(status).toBe(3);
  });

  it('is refused with -w', async () => {
    const { status, stderr } = await makeTapFolder().run(['attach', 'replay', '--reconnect', '-w', 'x.pcap']);
    expect(stderr).toContain("--reconnect doesn't go with -w");
    expect(status).toBe(2);
  });
});
