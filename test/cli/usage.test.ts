// What was typed wrongly is told in a line, with a hint at the help, and exit status 2.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEMO_PCAP, makeTapFolder } from '../support/pkttap.js';

const COMMANDS = ['capture', 'replay', 'attach', 'analyze', 'control', 'list', 'stats', 'top', 'devices', 'doctor'];

const MISTAKES: readonly { what: string; args: readonly string[]; says: string }[] = [
  { what: 'an unknown command', args: ['captur', 'lo'], says: "unknown command 'captur'" },
  { what: 'help of an unknown command', args: ['help', 'captur'], says: "unknown command 'captur'" },
  { what: 'an unknown option', args: ['attach', 'x', '--bogus'], says: "unknown option '--bogus'" },
  { what: 'an option before the command', args: ['--tap', 'x', 'list'], says: "unknown option '--tap'" },
  { what: 'a missing tap', args: ['attach'], says: "missing required argument 'tap'" },
  { what: 'a missing file', args: ['replay'], says: "missing required argument 'file'" },
  { what: 'a missing device', args: ['capture'], says: 'capture from which device?' },
  { what: 'a missing value', args: ['attach', 'x', '-w'], says: "option '-w, --write <file>' argument missing" },
  { what: 'a word too many', args: ['stats', 'x', 'y'], says: 'too many arguments' },
  { what: 'a count that is none', args: ['attach', 'x', '-c', '1.5'], says: 'a whole number is expected' },
  { what: 'a rate of nothing', args: ['replay', '-p', '0', DEMO_PCAP], says: 'a number greater than 0 is expected' },
  { what: 'two paces', args: ['replay', '-t', '-x', '2', DEMO_PCAP], says: "'-t, --topspeed' cannot be used with" },
  { what: 'a policy that is none', args: ['attach', 'x', '--on-slow', 'stop'], says: 'Allowed choices are wait, drop' },
  { what: 'an odd ring', args: ['replay', '--ring-size', '3M', DEMO_PCAP], says: 'a power of two from 1M to 1G' },
  { what: 'a size that is none', args: ['capture', 'lo', '-B', 'much'], says: 'a size is expected' },
  { what: 'a snaplen too long', args: ['capture', 'lo', '-s', '300000'], says: 'a whole number from 0 to 262144' },
  { what: 'a buffer of nothing', args: ['capture', 'lo', '-B', '0'], says: 'at least 4K and less than 2G' },
  { what: 'a buffer too large', args: ['capture', 'lo', '-B', '2G'], says: 'at least 4K and less than 2G' },
  { what: 'a tap too long', args: ['replay', '--tap', 'x'.repeat(65), DEMO_PCAP], says: 'at most 64 letters' },
  { what: 'a format of no savefile', args: ['capture', 'lo', '--format', 'pcap'], says: '--format, -b, -a filesize:' },
  { what: 'a device twice', args: ['capture', 'lo', 'lo'], says: 'device given twice: device=lo' },
  { what: 'a direction that is none', args: ['capture', 'lo', '-Q', 'up'], says: 'Allowed choices are in, out, inout' },
  { what: 'a format that is none', args: ['attach', 'x', '-F', 'erf'], says: 'pcapng, pcap or nsecpcap is expected' },
  { what: 'a name no tap can have', args: ['replay', '--tap', 'a b', DEMO_PCAP], says: 'not a name for a tap: "a b"' },
  { what: 'a name no tap has', args: ['attach', 'a b'], says: 'not a name for a tap: "a b"' },
  { what: 'a name no consumer can have', args: ['attach', 'x', '--name', 'a\nb'], says: 'not a name for a consumer' },
  { what: 'a loop over standard input', args: ['replay', '-l', '2', '-'], says: 'can be replayed only once' },
  { what: 'workers that are none', args: ['analyze', 'x', '--workers', '0'], says: 'a whole number from 1 to 64' },
  { what: 'room for no flow', args: ['analyze', 'x', '--max-flows', '0'], says: 'a whole number from 1 is expected' },
  { what: 'alerts without rules', args: ['analyze', 'x', '--fast-log', 'fast.log'], says: 'are about rules: -S' },
  { what: 'times between packets', args: ['attach', 'x', '-ttt'], says: '-t, -tt and -tttt there are' },
  {
    what: 'seconds that are the name of a tap',
    args: ['stats', '--watch', 'eth0'],
    says: "a tap's name goes before it",
  },
];

describe('a mistake in what was typed', () => {
  for (const { what, args, says } of MISTAKES) {
    it(`ends with status 2 and a line about it: ${what}`, async () => {
      const { status, stdout, stderr } = await makeTapFolder().run(args);
      expect(stderr).toContain(says);
      expect(stderr).toMatch(/^pkttap: .*\n(\(Did you mean .*\?\)\n)?(\(pkttap( [a-z]+)? --help tells more\)\n)?$/);
      expect(stdout.toString()).toBe('');
      expect(status).toBe(2);
    });
  }

  it('ends with status 2 and the help when there is no command at all', async () => {
    const { status, stdout, stderr } = await makeTapFolder().run([]);
    expect(stderr).toMatch(/^Usage: pkttap /);
    expect(stdout.toString()).toBe('');
    expect(status).toBe(2);
  });

  it('is to send a binary stream to a terminal', async () => {
    const folder = makeTapFolder();
    const { status, stdout } = await folder.spawn('script', ['-qec', 'pkttap attach x -w -', '/dev/null']).ended;
    expect(stdout.toString()).toContain('-w - writes binary data');
    expect(status).toBe(2);
  });
});

describe('help', () => {
  for (const command of COMMANDS) {
    it(`of ${command} has examples, fits 80 columns, and is the same by all its names`, async () => {
      const folder = makeTapFolder();
      const { status, stdout, stderr } = await folder.run([command, '--help']);
      const help = stdout.toString();
      expect(help).toMatch(new RegExp(`^Usage: pkttap ${command} `));
      expect(help).toContain(`\nExamples:\n  pkttap ${command}`);
      expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect((await folder.run(['help', command])).stdout.toString()).toBe(help);
    });
  }

  it('of pkttap itself names every command', async () => {
    const { status, stdout } = await makeTapFolder().run(['--help']);
    const named = [...stdout.toString().matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name);
    expect(named).toEqual([...COMMANDS, 'help']);
    expect(status).toBe(0);
  });

  it('that nobody could be shown is an error', async () => {
    const { status, stderr } = await makeTapFolder().shell('pkttap --help >/dev/full');
    expect(stderr).toBe("pkttap: can't write to standard output: write ENOSPC\n");
    expect(status).toBe(1);
  });
});

describe('--version', () => {
  it("prints the package's version", async () => {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { status, stdout } = await makeTapFolder().run(['--version']);
    expect(stdout.toString()).toBe(`${JSON.parse(manifest).version}\n`);
    expect(status).toBe(0);
  });
});
