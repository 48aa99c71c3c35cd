// Suricata 7 in a root of its own (PKTTAP_SURICATA_ROOT, as tests have it), single-threaded: its time is the one that it
// tells itself, from the start of its threads, with all rules loaded, until the last packet has been looked at and the
// threads have ended. Events are the analyzer's, by configuration: all else is as the distribution has it.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cpuSecondsOf, peakMemory } from './process.js';

/** A folder that has /usr/bin/suricata. */
export const ROOT = process.env.PKTTAP_SURICATA_ROOT ?? '/var/cache/pkttap/suricata-root';

/** Why there is nothing to compare with; undefined: there is. */
export function whyNoSuricata() {
  if (process.geteuid?.() !== 0) return 'needs root for chroot';
  return existsSync(join(ROOT, 'usr/bin/suricata')) ? undefined : `no Suricata in ${ROOT} (PKTTAP_SURICATA_ROOT)`;
}

const OUTPUTS = `
outputs:
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
      community-id: true
      types: [alert, anomaly, {http: {extended: yes}}, {dns: {version: 2}}, {tls: {extended: yes}}, flow, stats]
`;

/** Writes the configuration. @param {string} directory a folder in the root */
export function configure(directory) {
  const text = readFileSync(join(ROOT, 'etc/suricata/suricata.yaml'), 'utf8');
  const [from, to] = [text.indexOf('\noutputs:'), text.indexOf('\nlogging:')];
  writeFileSync(join(directory, 'suricata.yaml'), text.slice(0, from) + OUTPUTS + text.slice(to));
  mkdirSync(join(directory, 'log'), { recursive: true });
}

/**
 * @typedef {object} SuricataRun
 * @property {number} startSeconds until it takes packets
 * @property {number} startBytes of memory, at most, until then
 * @property {number} seconds for all packets
 * @property {number} cpuSeconds for all packets, of all threads
 * @property {number} packets
 * @property {number} alerts
 */

/**
 * @param {string} directory in the root
 * @param {{ capture: string, rules: string }} names of files in it
 * @returns {Promise<SuricataRun>}
 */
export async function runSuricata(directory, { capture, rules }) {
  const inside = directory.slice(ROOT.length);
  const paths = ['-c', `${inside}/suricata.yaml`, '-S', `${inside}/${rules}`, '-r', `${inside}/${capture}`];
  const words = [ROOT, 'suricata', ...paths, '-l', `${inside}/log`, '-k', 'none', '--runmode', 'single', '-v'];
  const began = performance.now();
  const child = spawn('chroot', words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const run = { startSeconds: 0, startBytes: 0, seconds: 0, cpuSeconds: 0, packets: 0, alerts: 0 };
  let startCpu = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('Engine started')) {
      run.startSeconds = (performance.now() - began) / 1000;
      run.startBytes = peakMemory(child.pid);
      startCpu = cpuSecondsOf(child.pid);
    }
    if (line.includes('time elapsed')) run.cpuSeconds = cpuSecondsOf(child.pid) - startCpu;
    run.seconds = numberIn(line, /time elapsed ([\d.]+)s/) ?? run.seconds;
    run.packets = numberIn(line, /read \d+ file, (\d+) packets/) ?? run.packets;
    run.alerts = numberIn(line, /Alerts: (\d+)/) ?? run.alerts;
  }
  if (run.seconds === 0) throw new Error('Suricata did not say how long it took');
  return run;
}

/** @param {string} line @param {RegExp} expression */
function numberIn(line, expression) {
  const found = expression.exec(line)?.[1];
  return found === undefined ? undefined : Number(found);
}
