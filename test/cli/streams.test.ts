// What `attach -w -` writes is a savefile that other programs read from a pipe, as it comes and to its end.

import { describe, expect, it } from 'vitest';
import { DEMO_PACKETS, DEMO_PCAP, DEMO_PCAPNG, makeTapFolder, type TapFolder } from '../support/pkttap.js';
import { output } from '../support/run.js';
import { describeCapture, type PacketDescription } from '../support/tshark.js';

/** Runs a pipeline on all packets of the demonstration; what it printed. */
async function pipeline(folder: TapFolder, script: string): Promise<string> {
  const replay = folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAPNG]);
  const { status, stdout, stderr } = await folder.shell(script);
  expect(status, stderr).toBe(0);
  expect((await replay.ended).status).toBe(0);
  return stdout.toString();
}

const lines = (text: string) => text.split('\n').slice(0, -1);

describe('attach -w -', () => {
  for (const format of ['pcapng', 'pcap', 'nsecpcap']) {
    it(`is a stream of ${format} for tshark`, async () => {
      const printed = await pipeline(makeTapFolder(), `pkttap attach replay --wait -w - -F ${format} | tshark -n -r -`);
      expect(lines(printed)).toHaveLength(DEMO_PACKETS);
    });

    it(`is a stream of ${format} for tcpdump`, async () => {
      const folder = makeTapFolder();
      // pcapng of several interfaces with different snaplens is not for libpcap; the demonstration has one.
      const printed = await pipeline(folder, `pkttap attach replay --wait -w - -F ${format} | tcpdump -nr - -tt`);
      expect(printed).toBe((await output('tcpdump', ['-nr', DEMO_PCAPNG, '-tt'])).toString());
    });

    it(`is a stream of ${format} for capinfos`, async () => {
      const printed = await pipeline(
        makeTapFolder(),
        `pkttap attach replay --wait -w - -F ${format} | capinfos -TmMrc -`,
      );
      expect(printed).toMatch(new RegExp(`,${DEMO_PACKETS}$`, 'm'));
    });
  }

  it('lets a second tap replay it', async () => {
    const folder = makeTapFolder();
    const first = folder.start(['replay', '-q', '-t', '--wait-for', '1', DEMO_PCAPNG]);
    const second = folder.shell('pkttap attach -q replay --wait -w - | pkttap replay -q -t --tap again --wait-for 1 -');
    const { status } = await folder.run(['attach', '-q', 'again', '--wait', '-w', 'out.pcapng']);
    expect(status).toBe(0);
    expect((await first.ended).status).toBe(0);
    expect((await second).status).toBe(0);
    expect(await describeCapture(folder.file('out.pcapng'))).toEqual(await describeCapture(DEMO_PCAPNG));
  });
});

describe('attach -w FILE', () => {
  for (const [type, name, args] of [
    ['pcapng', 'out.pcapng', []],
    ['pcapng', 'out.cap', []],
    ['nsecpcap', 'out.pcap', []],
    ['nsecpcap', 'out.dump', ['-F', 'nsecpcap']],
    ['pcap', 'out.dump', ['-F', 'pcap']],
    ['pcap', 'out.pcap', ['-F', 'pcap']],
    ['pcapng', 'out.pcap', ['-F', 'pcapng']],
  ] as const) {
    it(`writes what was replayed, as ${type}: ${[name, ...args].join(' ')}`, async () => {
      const folder = makeTapFolder();
      folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAP]);
      const { status, stdout, stderr } = await folder.run(['attach', 'replay', '--wait', '-w', name, ...args]);
      expect(stdout.toString()).toBe('');
      expect(stderr).toBe(`${DEMO_PACKETS} packets received, 0 missed\n${DEMO_PACKETS} packets written\n`);
      expect(status).toBe(0);
      const file = folder.file(name);
      expect((await output('capinfos', ['-trTmM', file])).toString()).toBe(`${file},${type}\n`);
      // Classic pcap's older half has room for microseconds only.
      const kept = (time: string) => (type === 'pcap' ? `${time.slice(0, -3)}000` : time);
      const packet = ({ time, caplen, origlen, md5 }: PacketDescription) => ({ time, caplen, origlen, md5 });
      const replayed = (await describeCapture(DEMO_PCAP)).map(packet);
      const expected = replayed.map(({ time, ...others }) => ({ time: kept(time), ...others }));
      expect((await describeCapture(file)).map(packet)).toEqual(expected);
    });
  }
});
