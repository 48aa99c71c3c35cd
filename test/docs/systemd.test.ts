// The units of docs/systemd.md, as systemd reads them.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { codeBlocks } from '../support/markdown.js';
import { PKTTAP } from '../support/pkttap.js';
import { run } from '../support/run.js';

const noSystemd = await run('systemd-analyze', ['--version']).then(
  () => undefined,
  () => 'needs systemd-analyze',
);

it('the units of the page are such that systemd has no word against them', async (context) => {
  if (noSystemd) return context.skip(noSystemd);
  const folder = mkdtempSync(join(tmpdir(), 'pkttap-units-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [service, socket] = codeBlocks('ini').map(({ code }) => code.replaceAll('/usr/local/bin/pkttap', PKTTAP));
  writeFileSync(join(folder, 'pkttap@.service'), service!);
  writeFileSync(join(folder, 'pkttap@.socket'), socket!);
  const { status, stderr } = await run('systemd-analyze', ['verify', './pkttap@eth0.service', './pkttap@eth0.socket'], {
    cwd: folder,
  });
  expect(stderr.split('\n').filter((line) => line.includes('pkttap'))).toEqual([]);
  expect(status).toBe(0);
});
