// Compressed savefiles: what gzip and zstd unpack is a savefile, at whatever write the file is cut.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Compression } from '../../src/savefile/format.js';
import { FileSink } from '../../src/sink/file.js';
import { countingBytes, makeInterface, makePackets } from '../support/packets.js';
import { output } from '../support/run.js';
import { describeCapture } from '../support/tshark.js';

const directory = mkdtempSync(join(tmpdir(), 'pkttap-compressed-'));
afterAll(() => rmSync(directory, { recursive: true }));

const interfaces = [makeInterface({ name: 'eth0' })];

function path(name: string): string {
  return join(directory, name);
}

/** Writes the batches and closes. */
async function writeFile(name: string, batches: readonly number[], compression?: Compression): Promise<FileSink> {
  const sink = await FileSink.open({ target: path(name), interfaces, ...(compression && { compression }) });
  for (const packets of batches) await sink.write(makePackets(packets, { data: countingBytes(1000) }));
  expect(await sink.close()).toBe('written');
  return sink;
}

const PROGRAMS = [
  { program: 'gzip', extension: 'gz' },
  { program: 'zstd', extension: 'zst' },
] as const;

const present = (program: string) => spawnSync(program, ['--version']).status === 0;
for (const { program } of PROGRAMS)
  if (!present(program)) console.warn(`SKIPPED: tests of ${program}: it is not installed`);

describe.each(PROGRAMS)('a savefile compressed as $program does', ({ program, extension: packed }) => {
  const itThere = it.skipIf(!present(program));
  const unpack = (name: string) => output(program, ['-dc', path(name)]);

  itThere.each(['pcapng', 'pcap'])('is the plain %s, compressed', async (extension) => {
    const { written } = await writeFile(`x.${extension}.${packed}`, [1, 2000, 1, 700]);
    await writeFile(`plain.${extension}`, [1, 2000, 1, 700]);
    expect(written).toBe(2702);
    const unpacked = await unpack(`x.${extension}.${packed}`);
    expect(unpacked.equals(readFileSync(path(`plain.${extension}`)))).toBe(true);
    expect(statSync(path(`x.${extension}.${packed}`)).size).toBeLessThan(unpacked.length / 10);
  });

  itThere('is read by its own program, tshark and capinfos as it is', async () => {
    const name = `tools.pcapng.${packed}`;
    await writeFile(name, [3, 600]);
    await output(program, ['-t', path(name)]);
    expect(await describeCapture(path(name))).toHaveLength(603);
    expect((await output('capinfos', ['-c', '-M', path(name)])).toString()).toMatch(/packets: +603\b/);
  });

  itThere('is compressed because it is asked for, or not because it is asked for', async () => {
    await writeFile('asked.pcapng', [5], program);
    await writeFile(`refused.pcapng.${packed}`, [5], 'none');
    expect(await output(program, ['-dc'], { input: readFileSync(path('asked.pcapng')) })).toEqual(
      readFileSync(path(`refused.pcapng.${packed}`)),
    );
  });

  itThere('is whole after each write, before its end', async () => {
    const name = `whole.pcapng.${packed}`;
    const sink = await FileSink.open({ target: path(name), interfaces });
    for (const packets of [600, 1200]) {
      await sink.write(makePackets(600, { data: countingBytes(1000) }));
      await output(program, ['-t', path(name)]);
      expect(await describeCapture(path(name))).toHaveLength(packets);
    }
    await sink.close();
    expect(await describeCapture(path(name))).toHaveLength(1200);
  });

  it('holds few packets back, and says how many it has', async () => {
    const sink = await FileSink.open({ target: path(`held.pcapng.${packed}`), interfaces });
    await sink.write(makePackets(10));
    expect({ written: sink.written, packets: sink.packets }).toEqual({ written: 0, packets: 10 });
    expect(await describeCapture(path(`held.pcapng.${packed}`))).toHaveLength(0);
    await sink.close();
    expect({ written: sink.written, packets: sink.packets }).toEqual({ written: 10, packets: 10 });
    expect(await describeCapture(path(`held.pcapng.${packed}`))).toHaveLength(10);
  });

  it('keeps what it held back before a packet that the format refuses', async () => {
    const mixed = [interfaces[0]!, makeInterface({ index: 1, linktype: 113 })];
    const sink = await FileSink.open({ target: path(`mixed.pcap.${packed}`), interfaces: mixed });
    const batch = [...makePackets(3), ...makePackets(1, { interface: mixed[1]! })];
    await expect(sink.write(batch)).rejects.toMatchObject({ code: 'ERR_TAP_MIXED_LINKTYPES' });
    await sink.close();
    expect({ written: sink.written, unwritten: sink.unwritten }).toEqual({ written: 3, unwritten: 1 });
    expect(await describeCapture(path(`mixed.pcap.${packed}`))).toHaveLength(3);
  });
});
