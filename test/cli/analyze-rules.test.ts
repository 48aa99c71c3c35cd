// pkttap analyze -S: rules from files, what can't be loaded told, alerts in both forms, and SIGUSR2.

import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEMO_PCAP, makeTapFolder } from '../support/pkttap.js';

const ONCE = 'alert ip any any -> any any (msg:"once"; sid:1;)';

const SEEN = 'alert ip any any -> any any (ip.src; dataset:set,seen,type ip,state seen.lst; sid:1;)';
const ELSEWHERE = 'alert ip any any -> any any (ip.src; dataset:set,more,type ip,state ../more.lst; sid:2;)';

describe('analyze -S', () => {
  it('tells alerts as events and as lines, and names what can not be loaded', async () => {
    const folder = makeTapFolder();
    writeFileSync(folder.file('a.rules'), `${ONCE}\nalert tcp any any -> any any (lua:x; sid:2;)\n`);
    writeFileSync(folder.file('b.rules'), 'alert tcp $HERE any -> any any (flags:S; classtype:own; sid:3;)\n');
    writeFileSync(folder.file('classes'), 'config classification: own,Of Our Own,1\n');
    const rules = ['-S', '*.rules', '--set', 'HERE=any', '--classification', 'classes', '--fast-log', 'fast.log'];
    folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAP]);
    const { status, stdout, stderr } = await folder.run(['analyze', 'replay', '--wait', ...rules]);
    expect(stderr).toContain('pkttap: a.rules:2: rule 2 is left out: keyword lua is not known\n');
    expect(stderr).toContain('pkttap: 2 rules loaded, 1 left out\n');
    const events = stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const alerts = events.filter(({ event_type }) => event_type === 'alert');
    expect(new Set(alerts.map(({ alert }) => alert.signature_id))).toEqual(new Set([1, 3]));
    expect(readFileSync(folder.file('fast.log'), 'utf8').trim().split('\n')).toHaveLength(alerts.length);
    expect(readFileSync(folder.file('fast.log'), 'utf8')).toContain('[Classification: Of Our Own] [Priority: 1] {TCP}');
    expect(status).toBe(0);
  });

  it('reads the rules anew on SIGUSR2', async () => {
    const folder = makeTapFolder();
    writeFileSync(folder.file('a.rules'), '');
    folder.start(['replay', '-t', '-l', '0', '--wait-for', '1', DEMO_PCAP]);
    const analyze = folder.start([
      'analyze',
      'replay',
      '--wait',
      '-S',
      'a.rules',
      '-w',
      '/dev/null',
      '--fast-log',
      '-',
    ]);
    await analyze.said('0 rules loaded');
    // The handler is there once the tap knows of us.
    await folder.untilStats('replay', ({ consumers }) => consumers.some(({ delivered }) => delivered > 0));
    writeFileSync(folder.file('a.rules'), 'alert tcp any any -> any any (msg:"new"; flags:S; sid:9;)\n');
    analyze.signal('SIGUSR2');
    await analyze.printed('[1:9:0] new');
    analyze.signal('SIGTERM');
    expect((await analyze.ended).status).toBe(0);
  });

  it('writes the values that rules have added beside the rules, those of all workers together', async () => {
    const folder = makeTapFolder();
    writeFileSync(folder.file('a.rules'), `${SEEN}\n${ELSEWHERE}\n`);
    writeFileSync(folder.file('seen.lst'), '192.0.2.1\n');
    folder.start(['replay', '-t', '--wait-for', '2', DEMO_PCAP]);
    const { status, stderr } = await folder.run(['analyze', 'replay', '--wait', '--workers', '2', '-S', 'a.rules']);
    expect(stderr).toContain('a.rules:2: rule 2 is left out: dataset: rules write beside their own file only');
    const lines = readFileSync(folder.file('seen.lst'), 'utf8').trim().split('\n');
    expect(lines).toContain('192.0.2.1');
    expect(lines.length).toBeGreaterThan(1);
    expect(new Set(lines).size).toBe(lines.length);
    expect(status).toBe(0);
  });

  it('refuses a file that is not there before it attaches', async () => {
    const { status, stderr } = await makeTapFolder().run(['analyze', 'nobody', '-S', 'none.rules']);
    expect(stderr).toContain("can't read rules: ENOENT: path=none.rules");
    expect(status).toBe(1);
  });
});
