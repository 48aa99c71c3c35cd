// The real Suricata, in a root of its own (PKTTAP_SURICATA_ROOT: a folder that has /usr/bin/suricata, such as debootstrap
// makes), so that its version is the one that the analyzer is compared with. Needs root.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { env, geteuid } from 'node:process';
import { run } from './run.js';

/** Where Suricata is looked for. */
export const SURICATA_ROOT = env.PKTTAP_SURICATA_ROOT ?? '/var/cache/pkttap/suricata-root';

/** The JSON schema of Suricata's events; it may be missing where Suricata is not. */
export const EVE_SCHEMA = join(SURICATA_ROOT, 'etc/suricata/schema.json');

/** Why there is nothing to compare with; undefined: there is. */
export const suricataMissing: string | undefined = missing();
if (suricataMissing !== undefined) console.warn(`SKIPPED: tests beside Suricata: ${suricataMissing}`);

function missing(): string | undefined {
  if (geteuid?.() !== 0) return 'needs root for chroot';
  return existsSync(join(SURICATA_ROOT, 'usr/bin/suricata'))
    ? undefined
    : `no Suricata in ${SURICATA_ROOT} (PKTTAP_SURICATA_ROOT)`;
}

/** The rules that Suricata's package brings, all in one text. */
export function packagedRules(): string {
  const folder = join(SURICATA_ROOT, 'etc/suricata/rules');
  return readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

/** Suricata's events for a capture and rules, one flow of time, no checksums checked. `files`: what the rules read. */
export async function suricataEvents(
  capture: string,
  rules: string,
  files: readonly string[] = [],
): Promise<Record<string, unknown>[]> {
  const folder = mkdtempSync(join(SURICATA_ROOT, 'tmp/pkttap-'));
  try {
    const inside = join('/tmp', basename(folder));
    copyFileSync(capture, join(folder, 'capture'));
    writeFileSync(join(folder, 'rules'), rules);
    for (const file of files) copyFileSync(file, join(folder, basename(file)));
    mkdirSync(join(folder, 'log'));
    const paths = ['-S', `${inside}/rules`, '-r', `${inside}/capture`, '-l', `${inside}/log`];
    const words = ['-c', '/etc/suricata/suricata.yaml', ...paths, '-k', 'none', '--runmode', 'single'];
    // Suricata hangs on some files that it can't read, and would go on when the test is long over.
    await run('timeout', ['-k', '1', '150', 'chroot', SURICATA_ROOT, 'suricata', ...words]);
    const lines = readFileSync(join(folder, 'log/eve.json'), 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
