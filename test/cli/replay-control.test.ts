// pkttap replay and pkttap control as processes: the options of time, the lines of statistics, control from another process
// and from the keys of a terminal.

import { describe, expect, it } from 'vitest';
import { DEMO_PACKETS, DEMO_PCAP, makeTapFolder, type TapFolder } from '../support/pkttap.js';
import { run } from '../support/run.js';

const reasonForNoTerminal = (await run('sh', ['-c', 'command -v script'])).status === 0 ? '' : 'needs script(1)';

/** So slow that it never ends by itself while a test looks. */
const SLOW = ['replay', '-p', '0.001', DEMO_PCAP];

describe('pkttap control', () => {
  it('steps a paused replay packet by packet, and lets it run to its end', async () => {
    const folder = makeTapFolder();
    const replay = folder.start(['replay', '-x', '0.001', DEMO_PCAP]);
    await folder.untilStats('replay', ({ published }) => published === 1);
    const paused = await folder.run(['control', 'replay', 'pause']);
    expect(paused.stdout.toString()).toBe('tap replay: paused, 1 packet published\n');
    await folder.run(['control', 'replay', 'step', '5']);
    await folder.untilStats('replay', ({ published }) => published === 6);
    await folder.run(['control', 'replay', 'step', String(DEMO_PACKETS)]);
    const { status, stderr } = await replay.ended;
    expect(status).toBe(0);
    expect(stderr).toContain(`${DEMO_PACKETS} packets (`);
  });

  it.each([
    [['control', 'replay', 'jump'], 'pause, resume, step or set-filter is expected'],
    [['control', 'replay', 'step', '0'], 'a whole number from 1 is expected'],
    [['control', 'replay', 'pause', '3'], 'pause takes nothing more'],
  ])('refuses %j', async (args, words) => {
    const result = await makeTapFolder().run(args);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain(words);
  });
});

describe('pkttap replay', () => {
  it('prints a line of statistics every so often', async () => {
    const folder = makeTapFolder();
    const replay = folder.start([...SLOW, '--stats', '0.05']);
    await replay.said(/^\d+\.\d\d s: 1 packet \(\d+ bytes\), \d+ pps, \d+\.\d\d Mbps$/m);
    replay.signal('SIGINT');
    expect((await replay.ended).status).toBe(0);
  });

  it('stops when its time is over, also while it waits for the next packet', async () => {
    const { status, stderr } = await makeTapFolder().run([...SLOW, '--duration', '0.2']);
    expect(status).toBe(0);
    // None, if the time was over before the replay had a processor.
    expect(stderr).toMatch(/^(0 packets|1 packet) \(/m);
  });

  it('gives timestamps of the present to whoever is attached', async () => {
    const folder = makeTapFolder();
    const beforeMs = Date.now();
    const replay = folder.start(['replay', '-t', '--timestamps', 'now', '--wait-for', '1', DEMO_PCAP]);
    const { stdout } = await folder.run(['attach', 'replay', '--wait', '-tt']);
    await replay.ended;
    const times = stdout.toString().trimEnd().split('\n').map(Number.parseFloat);
    expect(times).toHaveLength(DEMO_PACKETS);
    expect(times.every((time) => time * 1000 >= beforeMs - 1 && time * 1000 <= Date.now() + 1)).toBe(true);
  });

  it.each([
    ['a policy that is none', ['--on-slow', 'hope'], 'Allowed choices are wait, drop'],
    ['timestamps of another kind', ['--timestamps', 'later'], 'Allowed choices are original, shift, now'],
    ['a duration longer than a timer can wait', ['--duration', '1e9'], 'a number of seconds up to'],
  ])('refuses %s', async (_, args, words) => {
    const { status, stderr } = await makeTapFolder().run(['replay', DEMO_PCAP, ...args]);
    expect(status).toBe(2);
    expect(stderr).toContain(words);
  });
});

describe.skipIf(reasonForNoTerminal)('the keys of a terminal', () => {
  /** A replay whose standard input, output and error are a terminal. */
  const atTerminal = (folder: TapFolder, args: readonly string[]) =>
    folder.spawn('script', ['-qefc', ['pkttap', ...args].join(' '), '/dev/null']);

  it('pause, step, resume and quit', async () => {
    const folder = makeTapFolder();
    const terminal = atTerminal(folder, SLOW);
    await terminal.printed('keys: space pauses and resumes');
    await folder.untilStats('replay', ({ state, published }) => state === 'running' && published === 1);
    terminal.stdin.write(' ');
    await folder.untilStats('replay', ({ state }) => state === 'paused');
    terminal.stdin.write('nn\x1b[C');
    await folder.untilStats('replay', ({ published }) => published === 4);
    terminal.stdin.write(' ');
    await folder.untilStats('replay', ({ state }) => state === 'running');
    terminal.stdin.write('q');
    expect((await terminal.ended).status).toBe(0);
    expect(terminal.stdout).toMatch(/paused[\s\S]*resumed[\s\S]*4 packets \(/);
  });

  it('leave Ctrl-C its meaning', async () => {
    const folder = makeTapFolder();
    const terminal = atTerminal(folder, SLOW);
    await terminal.printed('keys: space pauses and resumes');
    await folder.untilStats('replay', ({ published }) => published === 1);
    terminal.stdin.write('\x03');
    expect((await terminal.ended).status).toBe(0);
    expect(terminal.stdout).toContain('1 packet (');
  });

  it('are not read by a replay in the background', async () => {
    const folder = makeTapFolder();
    const inBackground = `set -m; pkttap replay -t ${DEMO_PCAP} & wait $!; echo ended with $?`;
    const terminal = folder.spawn('script', ['-qefc', inBackground, '/dev/null'], { env: { SHELL: '/bin/bash' } });
    await terminal.printed('ended with 0');
    expect(terminal.stdout).not.toContain('keys:');
  });
});
