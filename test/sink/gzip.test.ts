// Compressed savefiles: what gunzip gives back is a savefile, at whatever write the file is cut.

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { FileSink } from '../../src/sink/file.js';
import { countingBytes, makeInterface, makePackets } from '../support/packets.js';
import { output } from '../support/run.js';
import { describeCapture } from '../support/tshark.js';

const directory = mkdtempSync(join(tmpdir(), 'pkttap-gzip-'));
afterAll(() => rmSync(directory, { recursive: true }));

const interfaces = [makeInterface({ name: 'eth0' })];

function path(name: string): string {
  return join(directory, name);
}

/** Writes the batches and closes. */
async function writeFile(name: string, batches: readonly number[], compression?: 'none' | 'gzip'): Promise<FileSink> {
  const sink = await FileSink.open({ target: path(name), interfaces, ...(compression && { compression }) });
  for (const packets of batches) await sink.write(makePackets(packets, { data: countingBytes(1000) }));
  expect(await sink.close()).toBe('written');
  return sink;
}

describe('a compressed savefile', () => {
  it.each(['pcapng', 'pcap'])('is the plain %s, compressed', async (extension) => {
    const { written } = await writeFile(`x.${extension}.gz`, [1, 2000, 1, 700]);
    await writeFile(`plain.${extension}`, [1, 2000, 1, 700]);
    expect(written).toBe(2702);
    const compressed = readFileSync(path(`x.${extension}.gz`));
    expect(gunzipSync(compressed).equals(readFileSync(path(`plain.${extension}`)))).toBe(true);
    expect(compressed.length).toBeLessThan(statSync(path(`plain.${extension}`)).size / 10);
  });

  it('is read by gzip, tshark and capinfos as it is', async () => {
    await writeFile('tools.pcapng.gz', [3, 600]);
    await output('gzip', ['-t', path('tools.pcapng.gz')]);
    expect(await describeCapture(path('tools.pcapng.gz'))).toHaveLength(603);
    expect((await output('capinfos', ['-c', '-M', path('tools.pcapng.gz')])).toString()).toMatch(/packets: +603\b/);
  });

  it('is compressed because it is asked for, or not because it is asked for', async () => {
    await writeFile('asked.pcapng', [5], 'gzip');
    await writeFile('refused.pcapng.gz', [5], 'none');
    expect(gunzipSync(readFileSync(path('asked.pcapng')))).toEqual(readFileSync(path('refused.pcapng.gz')));
  });

  it('holds few packets back, and says how many it has', async () => {
    const sink = await FileSink.open({ target: path('held.pcapng.gz'), interfaces });
    await sink.write(makePackets(10));
    expect({ written: sink.written, packets: sink.packets }).toEqual({ written: 0, packets: 10 });
    expect(await describeCapture(path('held.pcapng.gz'))).toHaveLength(0);
    await sink.close();
    expect({ written: sink.written, packets: sink.packets }).toEqual({ written: 10, packets: 10 });
    expect(await describeCapture(path('held.pcapng.gz'))).toHaveLength(10);
  });

  it('keeps what it held back before a packet that the format refuses', async () => {
    const mixed = [interfaces[0]!, makeInterface({ index: 1, linktype: 113 })];
    const sink = await FileSink.open({ target: path('mixed.pcap.gz'), interfaces: mixed });
    const batch = [...makePackets(3), ...makePackets(1, { interface: mixed[1]! })];
    await expect(sink.write(batch)).rejects.toMatchObject({ code: 'ERR_TAP_MIXED_LINKTYPES' });
    await sink.close();
    expect({ written: sink.written, unwritten: sink.unwritten }).toEqual({ written: 3, unwritten: 1 });
    expect(await describeCapture(path('mixed.pcap.gz'))).toHaveLength(3);
  });
});
