// What goes wrong outside of us is told in one line that says what failed and what to do, with exit status 1; and what
// came before the trouble is not lost.

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AS_NOBODY, whyNoNobody } from '../support/nobody.js';
import {
  DEMO_PACKETS,
  DEMO_PCAP,
  DEMO_PCAPNG,
  makeTapFolder,
  type Running,
  type TapFolder,
} from '../support/pkttap.js';
import type { RunResult } from '../support/run.js';
import { describeCapture } from '../support/tshark.js';
import { makeVethPair, whyNoVeth } from '../support/veth.js';

const noNobody = await whyNoNobody();
const noVeth = await whyNoVeth();

/** Exactly one line of standard error is the error, and it is the last. */
function expectError({ status, stderr }: RunResult, message: string | RegExp): void {
  const errors = stderr.split('\n').filter((line) => line.startsWith('pkttap: '));
  expect(errors, stderr).toHaveLength(1);
  expect(stderr.trimEnd().endsWith(errors[0]!)).toBe(true);
  if (typeof message === 'string') expect(errors[0]).toContain(message);
  else expect(errors[0]).toMatch(message);
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(status).toBe(1);
}

/** A replay that waits for one consumer and goes on until it is stopped. It heeds signals already. */
async function startEndless(folder: TapFolder): Promise<Running> {
  const replay = folder.start(['replay', '-q', '-t', '-l', '0', '--wait-for', '1', DEMO_PCAPNG]);
  await folder.untilStats('replay', () => true);
  return replay;
}

/** Whatever its consumers did, the tap still runs, and ends as it should when it is asked to. */
async function expectToGoOn(tap: Running): Promise<void> {
  tap.signal('SIGINT');
  const { status, stderr } = await tap.ended;
  expect(stderr).toBe('');
  expect(status).toBe(0);
}

describe('capture', () => {
  it('tells that there is no such device', async () => {
    expectError(await makeTapFolder().run(['capture', 'nosuch0']), 'no such device: device=nosuch0');
  });

  it('tells a device that was probably meant', async () => {
    expectError(await makeTapFolder().run(['capture', 'anyy']), 'did you mean any?');
  });

  it('tells a user without privileges what is needed', async (context) => {
    if (noNobody) return context.skip(noNobody);
    const result = makeTapFolder().spawn('setpriv', [...AS_NOBODY, 'pkttap', 'capture', 'lo']);
    expectError(await result.ended, 'no permission to capture: device=lo: needs CAP_NET_RAW: run as root, or');
  });

  it('tells what is wrong with a filter', async (context) => {
    if (noVeth) return context.skip(noVeth);
    await using pair = await makeVethPair();
    const result = await makeTapFolder().run(['capture', pair.far, 'tcp', 'prot', '80']);
    expectError(result, /filter does not compile: .*filter="tcp prot 80" device=pt/);
    const mistyped = await makeTapFolder().run(['capture', pair.far, 'eth77']);
    expectError(mistyped, /filter="eth77" device=pt\w+; nor is there a device of this name$/);
  });

  it('tells that the device went away, and so do its consumers', async (context) => {
    if (noVeth) return context.skip(noVeth);
    await using pair = await makeVethPair();
    const folder = makeTapFolder();
    const capture = folder.start(['capture', pair.far, '--tap', 'v', '--wait-for', '1']);
    const attach = folder.start(['attach', 'v', '--wait']);
    await folder.untilStats('v', ({ state }) => state === 'running');
    await pair.delete();
    const message = `the device went away while it was captured from: device=${pair.far}`;
    expectError(await capture.ended, message);
    const consumer = await attach.ended;
    expect(consumer.stderr).toContain(message);
    expect(consumer.status).toBe(1);
  });
});

describe('replay', () => {
  it('tells that there is no such file', async () => {
    expectError(await makeTapFolder().run(['replay', 'nosuch.pcap']), 'nosuch.pcap: no such file');
  });

  it('tells so before it waits for consumers', async () => {
    const result = await makeTapFolder().run(['replay', 'nosuch.pcap', '--wait-for', '1']);
    expectError(result, 'nosuch.pcap: no such file');
    expect(result.stderr).not.toContain('waiting');
  });

  it.each(['typo.pcap', 'typo.PCAPNG', 'typo.pcap.gz', 'nosuch/file', '../typo'])(
    'tells that a further word is no file, if it can be nothing else: %s',
    async (name) => {
      const result = await makeTapFolder().run(['replay', DEMO_PCAP, name, 'udp']);
      expectError(result, `${name}: no such file`);
    },
  );

  it('takes what has a slash for a filter where it can be one', async () => {
    for (const filter of [['net 10.0.0.0/8'], ['ip6', 'net', 'fe80::/10']]) {
      const { status, stderr } = await makeTapFolder().run(['replay', '-t', DEMO_PCAP, ...filter]);
      expect(stderr).toContain(' replayed in ');
      expect(status).toBe(0);
    }
    expectError(await makeTapFolder().run(['replay', DEMO_PCAP, '10.0.0.0/8']), 'filter="10.0.0.0/8"');
  });

  it('tells that a folder has no files', async () => {
    const folder = makeTapFolder();
    mkdirSync(folder.file('empty'));
    expectError(await folder.run(['replay', 'empty']), 'empty: no file in this folder');
  });

  it('tells that a file is no savefile, and what it begins with', async () => {
    const folder = makeTapFolder();
    writeFileSync(folder.file('notes.txt'), 'Dear diary');
    expectError(await folder.run(['replay', 'notes.txt']), 'notes.txt: not a pcap or pcapng file');
  });

  it('tells that a file is empty', async () => {
    const folder = makeTapFolder();
    writeFileSync(folder.file('empty.pcap'), '');
    expectError(await folder.run(['replay', 'empty.pcap']), 'empty.pcap: the file is empty');
  });

  it('tells that standard input is empty', async () => {
    expectError(await makeTapFolder().run(['replay', '-']), 'standard input: the file is empty');
  });

  it('tells what is wrong with a filter', async () => {
    const result = await makeTapFolder().run(['replay', '-t', DEMO_PCAP, 'tcp', 'prot', '80']);
    expectError(result, /filter does not compile: .*filter="tcp prot 80"$/);
    const mistyped = await makeTapFolder().run(['replay', '-t', DEMO_PCAP, 'nosuch']);
    expectError(mistyped, 'filter="nosuch"; nor is there a file of this name');
  });

  it('tells so before it waits for consumers, unless packets may come that it fits', async () => {
    const folder = makeTapFolder();
    const result = await folder.run(['replay', '--wait-for', '1', DEMO_PCAP, 'tcp', 'prot', '80']);
    expectError(result, 'filter does not compile: ');
    expect(result.stderr).not.toContain('waiting');
    // Words that only 802.11 has.
    const late = await folder.run(['replay', '-t', DEMO_PCAP, 'type', 'mgt']);
    expectError(late, /filter does not compile: .*filter="type mgt"/);
    expect(late.stderr).toContain('attach with');
  });

  it('tells a user of a file that is not for him', async (context) => {
    if (noNobody) return context.skip(noNobody);
    const folder = makeTapFolder();
    writeFileSync(folder.file('secret.pcap'), readFileSync(DEMO_PCAP), { mode: 0o600 });
    mkdirSync(folder.taps);
    chmodSync(folder.taps, 0o777);
    const result = folder.spawn('setpriv', [...AS_NOBODY, 'pkttap', 'replay', 'secret.pcap']);
    expectError(await result.ended, 'secret.pcap: no permission to read it');
  });

  it('tells a user of a folder where no socket can be made', async (context) => {
    if (noNobody) return context.skip(noNobody);
    const result = makeTapFolder().spawn('setpriv', [...AS_NOBODY, 'pkttap', 'replay', DEMO_PCAP]);
    expectError(
      await result.ended,
      /no permission to make the tap's socket: path=.*; set PKTTAP_DIR to a folder of yours/,
    );
  });

  it('tells who has the name already', async () => {
    const folder = makeTapFolder();
    const first = await startEndless(folder);
    await folder.untilStats('replay', ({ state }) => state === 'waiting');
    const second = await folder.run(['replay', DEMO_PCAP]);
    expectError(
      second,
      new RegExp(`tap name in use: path=.*replay\\.sock pid=${first.pid}; choose another with --tap`),
    );
  });

  it('tells that there is no such user', async () => {
    expectError(await makeTapFolder().run(['replay', '--allow-user', 'no one', DEMO_PCAP]), 'no such user: no one');
  });

  it('of a cut file delivers all whole packets; both sides tell the end', async () => {
    const folder = makeTapFolder();
    writeFileSync(folder.file('cut.pcap'), readFileSync(DEMO_PCAP).subarray(0, -10));
    const replay = folder.start(['replay', '-t', '--wait-for', '1', 'cut.pcap']);
    const attach = await folder.run(['attach', 'replay', '--wait', '-w', 'out.pcapng']);
    const tap = await replay.ended;
    expectError(tap, /cut\.pcap: the file is cut short at byte \d+/);
    expect(attach.stderr).toMatch(/^pkttap: cut\.pcap: the file is cut short at byte \d+/);
    expect(attach.stderr).toContain(`${DEMO_PACKETS - 1} packets received, 0 missed`);
    expect(attach.status).toBe(1);
    const whole = (await describeCapture(DEMO_PCAP)).slice(0, -1).map(({ md5 }) => md5);
    expect((await describeCapture(folder.file('out.pcapng'))).map(({ md5 }) => md5)).toEqual(whole);
  });
});

describe('attach', () => {
  it('tells that there is no such tap', async () => {
    expectError(await makeTapFolder().run(['attach', 'nosuch']), /no tap called nosuch: .* --wait waits for it/);
  });

  it('tells that a tap has died', async () => {
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '-p', '1', '--wait-for', '1', DEMO_PCAP]);
    const attach = folder.start(['attach', 'replay', '--wait', '-w', 'out.pcapng']);
    await folder.untilStats('replay', ({ consumers }) => consumers.some(({ delivered }) => delivered > 0));
    replay.signal('SIGKILL');
    const { status, stderr } = await attach.ended;
    expect(stderr).toMatch(/^pkttap: the tap died: tap=replay /);
    expect(status).toBe(1);
    expect(await describeCapture(folder.file('out.pcapng'))).not.toHaveLength(0);
  });

  it('tells that its file can not be made, and the tap goes on', async () => {
    const folder = makeTapFolder();
    const replay = await startEndless(folder);
    const result = await folder.run(['attach', 'replay', '--wait', '-w', 'nosuch/out.pcapng']);
    expectError(result, 'cannot write savefile: path=nosuch/out.pcapng errno=ENOENT');
    await expectToGoOn(replay);
  });

  it('tells that the disk is full, and the tap goes on', async () => {
    const folder = makeTapFolder();
    const replay = await startEndless(folder);
    const result = await folder.run(['attach', 'replay', '--wait', '-w', '/dev/full']);
    expectError(result, 'path=/dev/full errno=ENOSPC; the disk is full');
    await expectToGoOn(replay);
  });

  for (const output of ['-w -', '']) {
    it(`tells that the disk behind standard output is full (${output || 'lines'})`, async () => {
      const folder = makeTapFolder();
      const replay = await startEndless(folder);
      const { status, stderr } = await folder.shell(`pkttap attach -q replay --wait ${output} >/dev/full`);
      expect(stderr).toMatch(/^pkttap: .*ENOSPC.*\n$/);
      expect(status).toBe(1);
      await expectToGoOn(replay);
    });

    it(`ends in order when the reader of standard output has gone (${output || 'lines'})`, async () => {
      const folder = makeTapFolder();
      const replay = await startEndless(folder);
      const { status, stderr } = await folder.shell(
        `pkttap attach -q replay --wait ${output} | head -c 100 >/dev/null`,
      );
      expect(stderr).toBe('');
      expect(status).toBe(0);
      await expectToGoOn(replay);
    });
  }

  it('ends in order when nobody reads standard error either', async () => {
    const folder = makeTapFolder();
    const replay = await startEndless(folder);
    const { status, stderr } = await folder.shell('pkttap attach replay --wait 2>&1 | head -n 1 >/dev/null');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    await expectToGoOn(replay);
  });

  it('tells a user whom the folder keeps out', async (context) => {
    if (noNobody) return context.skip(noNobody);
    const folder = makeTapFolder();
    await startEndless(folder);
    await folder.untilStats('replay', ({ state }) => state === 'waiting');
    const stranger = folder.spawn('setpriv', [...AS_NOBODY, 'pkttap', 'attach', 'replay']);
    expectError(await stranger.ended, 'ask for the tap to be started with --group or --allow-user');
  });

  it('tells a user whom the tap refuses, and the tap tells of it', async (context) => {
    if (noNobody) return context.skip(noNobody);
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '--wait-for', '1', '--allow-user', '65533', DEMO_PCAP]);
    await folder.untilStats('replay', ({ state }) => state === 'waiting');
    const stranger = folder.spawn('setpriv', [...AS_NOBODY, 'pkttap', 'attach', 'replay']);
    expectError(await stranger.ended, 'uid 65534 may not attach to this tap: start it with --allow-user');
    await replay.said(/^pkttap: refused a consumer: uid=65534 pid=\d+ is not allowed$/m);
  });

  it('lets in a user whom the tap was told to', async (context) => {
    if (noNobody) return context.skip(noNobody);
    const folder = makeTapFolder();
    folder.start(['replay', '-t', '--wait-for', '1', '--allow-user', '65534', DEMO_PCAP]);
    // Its socket has its modes by then.
    await folder.untilStats('replay', ({ state }) => state === 'waiting');
    const friend = folder.spawn('setpriv', [...AS_NOBODY, 'pkttap', 'attach', 'replay', '--wait']);
    const { status, stdout } = await friend.ended;
    expect(stdout.toString().split('\n')).toHaveLength(DEMO_PACKETS + 1);
    expect(status).toBe(0);
  });
});

describe('a tap that waits for its first consumer', () => {
  it.each(['attach', 'analyze'])('waits on when %s can not make its file', async (command) => {
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAP]);
    await replay.said('waiting for 1 consumer');
    expectError(await folder.run([command, 'replay', '-w', 'nosuch/file']), 'nosuch/file');
    const { state } = await folder.untilStats('replay', () => true);
    expect(state).toBe('waiting');
  });
});

describe('a folder of taps that is closed to a user', () => {
  it.for<[string, string]>([
    ['list', 'PKTTAP_DIR names another'],
    ['attach replay', 'started with --group or --allow-user'],
    ['control replay pause', "no permission to control: path=/.* only root and the tap's own user may"],
  ])('is told by %s, with what can be done about it', async ([command, remedy], context) => {
    if (noNobody) return context.skip(noNobody);
    const folder = makeTapFolder();
    mkdirSync(folder.taps, { mode: 0o700 });
    const result = folder.spawn('setpriv', [...AS_NOBODY, 'pkttap', ...command.split(' ')]);
    expectError(await result.ended, new RegExp(remedy));
  });
});

describe('commands that do not attach', () => {
  it.each([
    ['stats', 'nosuch'],
    ['control', 'nosuch', 'pause'],
  ])('%s tells that there is no such tap, and advises no option that it lacks', async (...args) => {
    expectError(await makeTapFolder().run(args), /no tap called nosuch: .* shows those that run$/);
  });
});

describe('analyze', () => {
  it('tells that the disk is full', async () => {
    const folder = makeTapFolder();
    await startEndless(folder);
    // With room for one flow, each other one ends it, and there are events at once.
    const oneFlow = ['--max-flows', '1'];
    const { status, stderr } = await folder.run(['analyze', '-q', 'replay', '--wait', ...oneFlow, '-w', '/dev/full']);
    expect(stderr).toMatch(/^pkttap: can't write \/dev\/full: ENOSPC\n$/);
    expect(status).toBe(1);
  });
});
