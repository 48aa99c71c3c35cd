// What `attach -w -` writes is a savefile that other programs read from a pipe, as it comes and to its end.

import { describe, expect, it } from 'vitest';
import { DEMO_PACKETS, DEMO_PCAP, DEMO_PCAPNG, makeTapFolder, type TapFolder } from '../support/pkttap.js';
import { output } from '../support/run.js';
import { describeCapture } from '../support/tshark.js';

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
  for (const format of ['pcapng', 'pcap']) {
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
  for (const [name, args] of [
    ['out.pcapng', []],
    ['out.cap', []],
    ['out.pcap', []],
    ['out.dump', ['-F', 'pcap']],
  ] as const) {
    it(`writes what was replayed: ${[name, ...args].join(' ')}`, async () => {
      const folder = makeTapFolder();
      folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAP]);
      const { status, stdout, stderr } = await folder.run(['attach', 'replay', '--wait', '-w', name, ...args]);
      expect(stdout.toString()).toBe('');
      expect(stderr).toBe(`${DEMO_PACKETS} packets received, 0 missed\n${DEMO_PACKETS} packets written\n`);
      expect(status).toBe(0);
      const isPcap = name === 'out.pcap' || args.length > 0;
      const type = (await output('capinfos', ['-tTmMr', folder.file(name)])).toString();
      expect(type.includes('nsecpcap')).toBe(isPcap);
      const written = await describeCapture(folder.file(name));
      const packet = ({ time, caplen, origlen, md5 }: (typeof written)[number]) => [time, caplen, origlen, md5];
      expect(written.map(packet)).toEqual((await describeCapture(DEMO_PCAP)).map(packet));
    });
  }
});
