// What the Dockerfile's run stage promises, under the conditions of a container: NET_RAW alone, a read-only root, process 1,
// the health check's command. scripts/check-image builds the image itself.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contain, signalContainer, whyNoContainer } from '../support/container.js';
import { makeTapFolder } from '../support/pkttap.js';
import { describeCapture } from '../support/tshark.js';
import { udpSavefile } from '../support/udp-savefile.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const reasonToSkip = (await whyNoVeth()) ?? (await whyNoContainer());

const dockerfile = readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8');
const HEALTH_CHECK: string[] = JSON.parse(/^HEALTHCHECK .* CMD (\[.*\])$/m.exec(dockerfile)![1]!);

describe('a tap in a container', () => {
  it('captures with NET_RAW alone on a read-only root, and heeds SIGTERM as process 1', async (context) => {
    if (reasonToSkip) return context.skip(reasonToSkip);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const { path, frames } = udpSavefile(100);
    const tap = contain(folder, ['net_raw'], ['pkttap', 'capture', pair.far, '--tap', 'v', '--wait-for', '1']);
    const consumer = contain(folder, [], ['pkttap', 'attach', 'v', '--wait', '-w', '-']);
    const { consumers } = await folder.untilStats('v', ({ state }) => state === 'running');
    // Of another process namespace: the kernel has no number for it.
    expect(consumers).toMatchObject([{ pid: 0, uid: 0 }]);
    await pair.send(path);
    await folder.untilStats('v', ({ consumers }) => consumers[0]?.delivered === frames.length);
    signalContainer(tap, 'SIGTERM');

    const { status, stderr } = await tap.ended;
    expect(stderr).toContain('100 packets captured');
    expect(status).toBe(0);
    const { stdout } = await consumer.ended;
    const sent = (await describeCapture(path)).map(({ md5 }) => md5);
    expect((await describeCapture(stdout)).map(({ md5 }) => md5)).toEqual(sent);
  });

  it('is healthy while it runs, and not without', async (context) => {
    if (reasonToSkip) return context.skip(reasonToSkip);
    const folder = makeTapFolder();
    const tap = contain(folder, ['net_raw'], ['pkttap', 'capture', 'lo', '--tap', 'v', '--wait-for', '1']);
    await folder.untilStats('v', ({ state }) => state === 'waiting');
    expect(await contain(folder, [], HEALTH_CHECK).ended).toMatchObject({ status: 0, stderr: '' });
    signalContainer(tap, 'SIGTERM');
    expect((await tap.ended).status).toBe(0);
    expect(await contain(folder, [], HEALTH_CHECK).ended).toMatchObject({ status: 1, stderr: 'pkttap: no tap runs\n' });
  });

  it('says what it lacks without NET_RAW', async (context) => {
    if (reasonToSkip) return context.skip(reasonToSkip);
    const { status, stderr } = await contain(makeTapFolder(), [], ['pkttap', 'capture', 'lo']).ended;
    expect(stderr).toMatch(/^pkttap: no permission to capture: device=lo: needs CAP_NET_RAW: .*--cap-add NET_RAW\n$/);
    expect(status).toBe(1);
  });
});
